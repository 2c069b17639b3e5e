//! The group `OAuth 2`. A client asks for its tokens by itself; this is for programs that keep them.

use stora_2025_09::model::{
    OAuth2AuthorizationCodeRequest, OAuth2ClientCredentialsRequest, OAuth2Error,
    OAuth2RefreshTokenRequest, OAuth2RevokeRequest, OAuth2TokenResponse,
};
use stora_2025_09::runtime::Error;
use stora_2025_09::runtime::operation::BodyCodec;

use super::Account;

pub(crate) async fn required(account: &Account) {
    let oauth2 = account.client.oauth2();
    let token = oauth2.token(client_credentials(account)).await.unwrap().access_token;
    let (id, secret) = account.credentials();
    oauth2.revoke(OAuth2RevokeRequest::new(token, id, secret)).await.unwrap();
}

/// This time they are forms, as RFC 6749 has it.
pub(crate) async fn all(account: &Account) {
    let oauth2 = account.client.oauth2();
    let grant = client_credentials(account);
    let answer = oauth2.token(grant).body_codec(BodyCodec::Form).await.unwrap();
    let (id, secret) = account.credentials();
    let revoke =
        OAuth2RevokeRequest::new(answer.access_token, id, secret).token_type_hint("access_token");
    oauth2.revoke(revoke).body_codec(BodyCodec::Form).await.unwrap();
}

/// The other grants. The sandbox understands them, but its own program may use client credentials alone.
pub(crate) async fn others(account: &Account) {
    let oauth2 = account.client.oauth2();
    let (id, secret) = account.credentials();
    let callback = "https://partner.example/callback?a=b";
    let grant = OAuth2AuthorizationCodeRequest::new(id, secret, callback, "example-code")
        .code_verifier("example-code-verifier");
    refused(oauth2.token(grant).await);
    let grant = OAuth2RefreshTokenRequest::new(id, secret, "example-refresh-token")
        .scope("public.contact:read public.contact:write");
    refused(oauth2.token(grant).await);
}

fn client_credentials(account: &Account) -> OAuth2ClientCredentialsRequest {
    let (id, secret) = account.credentials();
    OAuth2ClientCredentialsRequest::new(id, secret, "public.contact:read public.contact:write")
}

#[track_caller]
fn refused(answer: Result<OAuth2TokenResponse, Error<OAuth2Error>>) {
    assert_eq!(answer.unwrap_err().into_api().unwrap().error, "unauthorized_client");
}
