"""Figures: numpy arrays and strings in, a plotly figure out. No streamlit, no torch."""
