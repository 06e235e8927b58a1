"""Large neighbourhoods: some demands free, the rest fixed, solved by HiGHS."""
