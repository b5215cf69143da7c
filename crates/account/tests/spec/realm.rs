//! Who may add whom and what, and what a token opens.

use tenure_account::realm::{Asker, Command, Event, NewToken, Reply, Role, RunnerScope, TokenRole};
use tenure_account::{Realm, realm_id};
use tenure_model::entity::Entity;
use tenure_model::id::{TokenId, UserId};
use tenure_model::testkit::{Given, START, given};
use tenure_model::{Span, Timestamp};
use uuid::Uuid;

pub const ANN: UserId = UserId(Uuid::from_u128(1));
pub const BOB: UserId = UserId(Uuid::from_u128(2));

pub fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub fn token(role: TokenRole, digit: char) -> NewToken {
    NewToken { name: "laptop".into(), role, hash: hash(digit), expires_at: None }
}

pub fn signed_in(user: UserId) -> Asker {
    Asker::User { user, admin: user == ANN }
}

/// A realm with the administrator Ann and the user Bob.
pub fn realm() -> Given<Realm> {
    let added = |user, name: &str, role| Event::UserAdded { user, name: name.into(), role };
    given(realm_id(), [added(ANN, "ann", Role::Admin), added(BOB, "bob", Role::User)])
}

fn issue(by: Asker, user: UserId, token: NewToken) -> Command {
    Command::IssueToken { by, user, token }
}

#[track_caller]
pub fn issued(given: Given<Realm>, user: UserId, token: NewToken) -> (Given<Realm>, TokenId) {
    let then = given.when(issue(Asker::Server, user, token));
    let Reply::TokenIssued { token } = then.decision().reply else { panic!("a token") };
    (then.and(), token)
}

#[test]
fn bootstrapping_makes_an_administrator_with_tokens_and_leaves_what_is_there() {
    let nothing = given::<Realm>(realm_id(), []);
    let tokens = vec![token(TokenRole::Admin, 'a'), token(TokenRole::Runner(RunnerScope::Pool("local".into())), 'b')];
    let then = nothing.when(Command::Bootstrap { admin: "ann".into(), tokens: tokens.clone() });
    let first = then.decision().reply.clone();
    assert_eq!(then.decision().events.len(), 3);
    let more = tokens.into_iter().chain([token(TokenRole::User, 'c')]).collect();
    let then = then.and().when(Command::Bootstrap { admin: "ann".into(), tokens: more });
    assert_eq!(then.decision().events.len(), 1, "only the new token");
    let (Reply::Bootstrapped { admin, tokens }, Reply::Bootstrapped { admin: again, tokens: now }) =
        (first, then.decision().reply.clone())
    else {
        panic!("bootstrapped")
    };
    assert_eq!((admin, &tokens[..]), (again, &now[..2]));
}

#[test]
fn bootstrapping_does_not_bring_a_revoked_token_back() {
    let bootstrap = || Command::Bootstrap { admin: "ann".into(), tokens: vec![token(TokenRole::Admin, 'a')] };
    let then = given::<Realm>(realm_id(), []).when(bootstrap());
    let Reply::Bootstrapped { tokens, .. } = then.decision().reply.clone() else { panic!("bootstrapped") };
    let given = then.and().when(Command::RevokeToken { by: Asker::Server, token: tokens[0] }).and();
    let given = given.when(bootstrap()).silent();
    assert_eq!(given.state.token_by_hash(&hash('a'), given.now), None);
}

#[test]
fn only_an_administrator_adds_users() {
    let add = |by| Command::AddUser { by, name: "eve".into(), role: Role::User };
    realm().when(add(signed_in(BOB))).refused("needs an administrator");
    realm().when(add(Asker::User { user: BOB, admin: true })).refused("needs an administrator");
    realm().when(add(Asker::User { user: ANN, admin: false })).refused("needs an administrator");
    realm().when(add(signed_in(ANN))).and();
}

#[test]
fn a_name_belongs_to_one_user() {
    let add = |role| Command::AddUser { by: Asker::Server, name: "bob".into(), role };
    realm().when(add(Role::User)).silent();
    realm().when(add(Role::Admin)).refused("the name \"bob\" is taken");
    let unnamed = Command::AddUser { by: Asker::Server, name: " ".into(), role: Role::User };
    realm().when(unnamed).refused("must have 1 to 100 bytes");
}

#[test]
fn users_issue_tokens_for_themselves_without_more_rights_than_theirs() {
    realm().when(issue(signed_in(BOB), BOB, token(TokenRole::User, 'a'))).and();
    realm().when(issue(signed_in(BOB), ANN, token(TokenRole::User, 'a'))).refused("needs an administrator");
    realm().when(issue(signed_in(BOB), BOB, token(TokenRole::Admin, 'a'))).refused("needs an administrator");
    let runner = TokenRole::Runner(RunnerScope::Pool("p".into()));
    realm().when(issue(signed_in(BOB), BOB, token(runner, 'a'))).refused("needs an administrator");
    realm().when(issue(signed_in(ANN), BOB, token(TokenRole::Admin, 'a'))).refused("more rights than its user");
    let nobody = UserId(Uuid::from_u128(404));
    realm().when(issue(signed_in(ANN), nobody, token(TokenRole::User, 'a'))).refused("no such user");
}

#[test]
fn the_same_hash_with_other_rights_is_refused() {
    let (given, _) = issued(realm(), ANN, token(TokenRole::User, 'a'));
    given.when(issue(Asker::Server, ANN, token(TokenRole::Admin, 'a'))).refused("with other rights");
}

#[test]
fn a_hash_is_a_hash() {
    for bad in ["secret".to_owned(), "A".repeat(64), "a".repeat(63), "g".repeat(64)] {
        let token = NewToken { hash: bad, ..token(TokenRole::User, 'a') };
        realm().when(issue(Asker::Server, ANN, token)).refused("64 hexadecimal digits");
    }
}

#[test]
fn a_token_opens_until_it_ends() {
    let end = START + Span::hours(1);
    let ending = NewToken { expires_at: Some(end), ..token(TokenRole::User, 'a') };
    let (given, id) = issued(realm(), BOB, ending.clone());
    let access = given.state.token_by_hash(&hash('a'), end - Span::ms(1)).unwrap();
    assert_eq!((access.user.id, access.token.id), (BOB, id));
    assert_eq!(given.state.token_by_hash(&hash('a'), end), None);
    assert_eq!(given.state.token_by_hash(&hash('b'), START), None);
    let past = NewToken { hash: hash('c'), expires_at: Some(Timestamp(1)), ..ending };
    given.when(issue(Asker::Server, BOB, past)).refused("would have ended already");
}

#[test]
fn a_revoked_token_opens_nothing_any_more() {
    let (given, token) = issued(realm(), BOB, token(TokenRole::User, 'a'));
    let eve = Asker::User { user: UserId(Uuid::from_u128(3)), admin: false };
    let given = given.when(Command::RevokeToken { by: eve, token }).refused("needs an administrator");
    let given = given.when(Command::RevokeToken { by: signed_in(BOB), token }).and();
    assert_eq!(given.state.token_by_hash(&hash('a'), given.now), None);
    let unknown = TokenId(Uuid::from_u128(404));
    given.when(Command::RevokeToken { by: signed_in(ANN), token: unknown }).refused("no such token");
}

#[test]
fn every_user_sees_their_own_tokens_and_nobody_a_hash() {
    let (given, token) = issued(realm(), BOB, token(TokenRole::User, 'a'));
    let rows = given.state.summaries(realm_id());
    let (key, row) = rows.first_key_value().unwrap();
    assert_eq!((key.owner, key.list.as_str(), key.id, rows.len()), (BOB, "token", token.0, 1));
    assert!(!row.as_json().contains(&hash('a')));
}

#[test]
fn a_full_list_of_tokens_makes_room_by_forgetting_dead_ones_only() {
    let number = |n: usize| format!("{n:064x}");
    let token = |n: usize| NewToken { hash: number(n), ..token(TokenRole::User, 'a') };
    let mut full = realm();
    let max = tenure_account::realm::decide::TOKENS_MAX;
    for n in 0..max {
        let issued = Event::TokenIssued { token: TokenId(Uuid::from_u128(n as u128 + 10)), user: BOB, what: token(n) };
        full.state.apply(&issued, full.now);
    }
    let decide = |given: &Given<Realm>| given.state.decide(issue(Asker::Server, BOB, token(max)), &given.ctx());
    assert!(decide(&full).unwrap_err().to_string().contains("the limit tokens_max"));
    let dead = TokenId(Uuid::from_u128(17));
    full.state.apply(&Event::TokenRevoked { token: dead }, full.now);
    let events = decide(&full).unwrap().events;
    assert_eq!(events[0], Event::TokenForgotten { token: dead });
    assert_eq!(events.len(), 2);
}
