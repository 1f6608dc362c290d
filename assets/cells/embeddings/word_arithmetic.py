from torch import cosine_similarity

from core.word_table import load_word_table

embeddings_start = "king"
embeddings_minus = "man"
embeddings_plus = "woman"
embeddings_word_by = "cosine"
embeddings_word_rest = True

words = load_word_table().without_first if embeddings_word_rest else load_word_table()
terms = embeddings_start, embeddings_minus, embeddings_plus
start, minus, plus = (words.vectors[words.row(term)] for term in terms)
best, _ = words.analogy(*terms, by=embeddings_word_by)[0]
answer = words.vectors[words.row(best)]
numbers = {
    "best": best,
    "best_cosine": cosine_similarity(start - minus + plus, answer, dim=0).item(),
    "start_cosine": cosine_similarity(start - minus + plus, start, dim=0).item(),
    "step_cosine": cosine_similarity(plus - minus, answer - start, dim=0).item(),
}
numbers
