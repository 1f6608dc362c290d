from core.embeddings import arrow, dot_product

embeddings_angle_a = 20
embeddings_length_a = 2.0
embeddings_angle_b = 80
embeddings_length_b = 2.0

a = arrow(embeddings_angle_a, embeddings_length_a)
b = arrow(embeddings_angle_b, embeddings_length_b)
numbers = {
    "product": dot_product(a, b),
    "between": abs((embeddings_angle_a - embeddings_angle_b + 180) % 360 - 180),
}
numbers
