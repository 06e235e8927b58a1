"""Request and response bodies. Unknown fields are refused."""
