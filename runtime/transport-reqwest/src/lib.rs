//! Sends the runtime's requests with reqwest: no redirects, no retries, no cookies.
