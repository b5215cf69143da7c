//! How a browser is signed in: a single-use code, brought by the address that the page is opened with, becomes a token.

use serde::{Deserialize, Serialize};
use tenure_model::Timestamp;
use tenure_model::id::TokenId;
use utoipa::ToSchema;

/// Returns the address that signs a browser in. The code stands behind `#`, which browsers send to nobody.
pub fn sign_in_address(server: &str, code: &str) -> String {
    format!("{}/#sign-in={code}", server.trim_end_matches('/'))
}

/// A single-use code that signs a browser in as the caller.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SignInCode {
    /// Goes behind `#sign-in=` of the server's address.
    pub code: String,
    pub expires_at: Timestamp,
}

/// Signs in with a code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub code: String,
}

/// A fresh credential of whom the code was made for. The secret is shown this once; the server keeps its hash only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SignedIn {
    pub id: TokenId,
    pub secret: String,
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_where_browsers_send_it_to_nobody() {
        for server in ["http://127.0.0.1:7420", "http://127.0.0.1:7420/"] {
            assert_eq!(sign_in_address(server, "code_1"), "http://127.0.0.1:7420/#sign-in=code_1");
        }
    }
}
