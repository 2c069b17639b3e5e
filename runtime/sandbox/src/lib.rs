//! A server that plays a vendor from its OpenAPI document, validates every request by itself and keeps a ledger.
