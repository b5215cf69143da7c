//! The token of a link that decides an approval: it says which one, and holds the secret that opens it.

use tenure_model::id::{ApprovalId, ExecutionId};
use uuid::Uuid;

use super::secret::{hash, hex, random};

/// Tells people, and programs that search for leaked secrets, what it is.
const PREFIX: &str = "tenure_link_";
/// The hexadecimal digits of each of its three parts: the run, the approval, the secret.
const PART: usize = 32;

/// What a token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkToken {
    pub execution: ExecutionId,
    pub approval: ApprovalId,
    /// What is kept of it.
    pub hash: String,
}

/// Draws a new token and returns what is kept of it.
pub fn fresh(execution: ExecutionId, approval: ApprovalId) -> (String, String) {
    with_secret(execution, approval, &hex(&random::<{ PART / 2 }>()))
}

/// Makes the token that this caller gets for this request, whenever it is repeated.
///
/// Its secret is made of the caller's own, which the server does not keep: so it can be told again, and is stored nowhere.
pub fn repeatable(
    execution: ExecutionId,
    approval: ApprovalId,
    caller_secret: &str,
    request: &str,
) -> (String, String) {
    let secret = hash(&format!("{caller_secret}\0approval link\0{execution}\0{approval}\0{request}"));
    with_secret(execution, approval, &secret[..PART])
}

fn with_secret(execution: ExecutionId, approval: ApprovalId, secret: &str) -> (String, String) {
    let token = format!("{PREFIX}{}{}{secret}", execution.0.simple(), approval.0.simple());
    let hash = hash(&token);
    (token, hash)
}

/// Reads a token; none when it can be no token of a link.
pub fn read(token: &str) -> Option<LinkToken> {
    let parts = token.strip_prefix(PREFIX)?;
    let plain = parts.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !plain || parts.len() != 3 * PART {
        return None;
    }
    let id = |at: usize| Uuid::try_parse(&parts[at..at + PART]).ok();
    Some(LinkToken { execution: ExecutionId(id(0)?), approval: ApprovalId(id(PART)?), hash: hash(token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: ExecutionId = ExecutionId(Uuid::from_u128(7));
    const APPROVAL: ApprovalId = ApprovalId(Uuid::from_u128(8));

    #[test]
    fn a_token_says_what_it_opens_and_no_two_are_alike() {
        let (token, kept) = fresh(RUN, APPROVAL);
        assert_eq!(read(&token), Some(LinkToken { execution: RUN, approval: APPROVAL, hash: kept.clone() }));
        assert_ne!(fresh(RUN, APPROVAL).1, kept);
        assert!(!token.contains(&kept));
    }

    #[test]
    fn a_repeated_request_of_the_same_caller_gets_the_same_token() {
        let (token, kept) = repeatable(RUN, APPROVAL, "tenure_a", "k1");
        assert_eq!(read(&token), Some(LinkToken { execution: RUN, approval: APPROVAL, hash: kept }));
        assert_eq!(repeatable(RUN, APPROVAL, "tenure_a", "k1").0, token);
        let other = ApprovalId(Uuid::from_u128(9));
        for (approval, caller, key) in
            [(APPROVAL, "tenure_b", "k1"), (APPROVAL, "tenure_a", "k2"), (other, "tenure_a", "k1")]
        {
            assert_ne!(repeatable(RUN, approval, caller, key).0[76..], token[76..], "{caller} {key}");
        }
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let (token, _) = fresh(RUN, APPROVAL);
        let longer = format!("{token}0");
        let umlaut = format!("{}ä", &token[..token.len() - 2]);
        for wrong in ["", "tenure_link_", "tenure_00", &token[1..], &token[..token.len() - 1], &longer, &umlaut] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&token.to_uppercase()), None);
    }
}
