"""Operations on the store, one module a resource; they know nothing of HTTP requests."""
