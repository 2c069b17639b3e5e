//! OpenAPI document to intermediate representation, one pass a file.
