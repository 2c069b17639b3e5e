//! Span tree to OpenAPI 3.1 document: reads 3.1, upgrades 3.0, resolves references.
