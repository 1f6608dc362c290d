from core.embeddings import nearest
from core.word_table import load_word_table

embeddings_table = "this model's table"
embeddings_by = "cosine"
embeddings_word = "king"
embeddings_word_rest = True
embeddings_word_by = "cosine"

if embeddings_table == "this model's table":
    table, row, by = model.tok_emb.weight.detach(), looked_at, embeddings_by  # (V, C)
else:
    words = load_word_table().without_first if embeddings_word_rest else load_word_table()
    word = embeddings_word.strip()
    known = [one for one in (word, word.lower(), word.capitalize(), "king") if one in words.rows]
    table, row, by = words.vectors, words.rows[known[0]], embeddings_word_by
near = nearest(table, table[row], 1, by=by, leave_out=(row,))
numbers = {
    "nearness": abs(near[0][1]) if by == "euclid" else near[0][1],
    "chance": table.shape[1] ** -0.5,
    "width": table.shape[1],
}
numbers
