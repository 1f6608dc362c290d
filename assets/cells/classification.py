from core.class_data import read_class_data
from core.classify import Classifier, choose_trained
from core.labelled import balanced, split
from core.labelled_csv import labelled_csv
from core.lora import trainable_count, with_lora

classification_texts = "novels"
classification_table = ""  # a table of your own; paste it here if it was too long for a cell
classification_learning = "all"
classification_adapters = 0
classification_adapted = []

own = not classification_texts
texts = labelled_csv(classification_table) if own else read_class_data(classification_texts)
classifier = choose_trained(Classifier(model, len(texts.classes)), classification_learning)
whole = sum(weight.numel() for weight in classifier.parameters())
if classification_adapters:
    classifier = with_lora(classifier, classification_adapters, layers=classification_adapted)
    if "out_head" not in classification_adapted:
        classifier.model.out_head.requires_grad_(True)
trained = trainable_count(classifier)
learn, watch, judge = (len(part.texts) for part in split(balanced(texts)))
numbers = {"learn": learn, "watch": watch, "judge": judge, "trained": trained, "whole": whole}
numbers
