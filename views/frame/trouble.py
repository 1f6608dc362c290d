"""The last net: what the script of a visit did not catch becomes one sentence, and the log has the rest."""


def say_sorry(error: Exception) -> bool:
    """Show a sentence in place of the error; True: Streamlit shows nothing of its own."""
    from views import ui  # only now: the server itself needs no torch to be built

    ui.sorry(error)
    return True
