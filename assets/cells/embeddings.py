from core.embeddings import one_hot_product

table = model.tok_emb.weight.detach()  # (V, C)
row = ids[token]
numbers = {
    "id": row,
    "size": table.shape[0],
    "width": table.shape[1],
    "table": table.numel(),
    "token_length": table[row].norm().item(),
    "gap": (one_hot_product(table, row) - table[row]).abs().max().item(),
}
numbers
