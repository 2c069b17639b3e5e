//! OAuth 2.0 grants and the token endpoint.
