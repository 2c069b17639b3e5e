//! Where the API is.

use specwright_openapi::document::Server;

/// The first server's URL with the defaults of its variables, without a final `/`. `None` if
/// nothing is left: the document says no more than "where you got me from".
pub(super) fn base_url(servers: &[Server]) -> Option<String> {
    let server = servers.first()?;
    let url = server.variables.iter().fold(server.url.clone(), |url, (name, variable)| {
        url.replace(&format!("{{{name}}}"), &variable.default)
    });
    let url = url.trim_end_matches('/');
    (!url.is_empty()).then(|| url.to_owned())
}
