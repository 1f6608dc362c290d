"""The frame of the app: what Streamlit runs at each visit, and the parts of the server around it."""
