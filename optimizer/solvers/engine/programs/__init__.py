"""Small programs by HiGHS: what is left when much is fixed, its bound, and the end of the proof."""
