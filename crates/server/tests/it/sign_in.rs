//! Browsers are signed in by a code that is good once, and for a while, and signed out by themselves.

use serde_json::{Value, json};
use tenure_model::Span;

use crate::world::{BOUND, Person, World};

async fn code(world: &World, who: &Person) -> String {
    let (status, answer) = world.ask(who, "POST", "/api/sign-in/codes", None).await;
    assert_eq!(status, 201, "{answer}");
    answer["code"].as_str().expect("a code").to_owned()
}

/// Signs in, without any token to show.
async fn sign_in(world: &World, code: &str) -> (u16, Value) {
    let body = json!({ "code": code }).to_string();
    world.send(world.request("POST", "/api/sign-in").header("content-type", "application/json").body(body)).await
}

async fn signed_in(world: &World, code: &str) -> Person {
    let (status, answer) = sign_in(world, code).await;
    assert_eq!(status, 201, "{answer}");
    Person { user: world.bob.user, token: answer["secret"].as_str().expect("a secret").to_owned() }
}

async fn refused(world: &World, code: &str) {
    let (status, problem) = sign_in(world, code).await;
    assert_eq!((status, &problem["code"]), (401, &json!("code_invalid")), "{problem}");
}

#[actix_web::test]
async fn a_code_signs_in_once_with_the_rights_of_whom_it_was_made_for() {
    let world = World::start().await;
    let first = code(&world, &world.bob).await;
    let browser = signed_in(&world, &first).await;
    assert_ne!(browser.token, world.bob.token);
    let (_, me) = world.ask(&browser, "GET", "/api/me", None).await;
    assert_eq!((&me["name"], &me["role"]), (&json!("bob"), &json!("user")));
    assert_eq!(world.ask(&browser, "GET", "/admin/writer", None).await.0, 403);
    refused(&world, &first).await;
    refused(&world, "code_made-up").await;
    refused(&world, "").await;

    let admin = signed_in(&world, &code(&world, &world.ann).await).await;
    assert_eq!(world.ask(&admin, "GET", "/admin/writer", None).await.0, 200);
}

#[actix_web::test]
async fn a_browser_has_a_token_of_its_own_which_ends_and_outlives_the_server() {
    let world = World::start().await;
    let (open, unused) = (code(&world, &world.bob).await, code(&world, &world.bob).await);
    let browser = signed_in(&world, &open).await;
    let (_, page) = world.ask(&browser, "GET", "/api/tokens", None).await;
    let row = page["items"].as_array().expect("rows").iter().find(|row| row["name"] == "console").expect("a row");
    let (made, ends) = (row["created_at"].as_u64().expect("a time"), row["expires_at"].as_u64().expect("an end"));
    let month = Span::hours(24 * 30).0;
    assert!(ends.abs_diff(made + month) < 60_000, "30 days: {row}");

    let world = world.restart().await;
    assert_eq!(world.ask(&browser, "GET", "/api/me", None).await.0, 200);
    refused(&world, &unused).await;
}

#[actix_web::test]
async fn no_browser_outlives_the_token_behind_its_code() {
    let world = World::start().await;
    let soon = world.runtime.clock.now() + Span::hours(1);
    let new = json!({"name": "short", "role": "user", "expires_at": soon});
    let (_, short) = world.ask(&world.bob, "POST", "/api/tokens", Some(new)).await;
    let holder = Person { user: world.bob.user, token: short["secret"].as_str().expect("a secret").to_owned() };
    let (_, answer) = sign_in(&world, &code(&world, &holder).await).await;
    assert_eq!(answer["expires_at"], json!(soon));

    let late = code(&world, &holder).await;
    let path = format!("/api/tokens/{}", short["id"].as_str().expect("an id"));
    assert_eq!(world.ask(&world.bob, "DELETE", &path, None).await.0, 204);
    refused(&world, &late).await;
}

#[actix_web::test]
async fn a_late_code_is_good_for_nothing() {
    let world = World::with(|options| options.sign_in_code_life_ms = Span::ms(0)).await;
    refused(&world, &code(&world, &world.bob).await).await;
}

#[actix_web::test]
async fn nobody_keeps_what_signs_in() {
    let world = World::start().await;
    let post = async |path: &str, token: Option<&str>, body: String| {
        let request = world.request("POST", path).header("content-type", "application/json").body(body);
        let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
        tokio::time::timeout(BOUND, request.send()).await.expect("in time").expect("an answer")
    };
    let kept = |answer: &reqwest::Response| answer.headers()["cache-control"].to_str().expect("text").to_owned();
    let codes = post("/api/sign-in/codes", Some(&world.bob.token), "{}".into()).await;
    assert_eq!(kept(&codes), "no-store");
    let code: Value = serde_json::from_str(&codes.text().await.expect("a text")).expect("JSON");
    let signed = post("/api/sign-in", None, json!({"code": code["code"]}).to_string()).await;
    assert_eq!((signed.status().as_u16(), kept(&signed).as_str()), (201, "no-store"));
}

#[actix_web::test]
async fn whoever_signs_out_ends_their_own_token_and_no_other() {
    let world = World::start().await;
    let (here, there) = (
        signed_in(&world, &code(&world, &world.bob).await).await,
        signed_in(&world, &code(&world, &world.bob).await).await,
    );
    let session = world.session(&here).await;
    let mut socket = world.join(&here, &session, None).await;
    assert_eq!(world.ask(&here, "POST", "/api/sign-out", None).await.0, 204);
    assert_eq!(world.ask(&here, "GET", "/api/me", None).await.0, 401);
    assert_eq!(socket.ending().await.0.as_deref(), Some("token_revoked"));
    for other in [&there, &world.bob] {
        assert_eq!(world.ask(other, "GET", "/api/me", None).await.0, 200);
    }
}

#[actix_web::test]
async fn guessing_is_slow() {
    let world = World::with(|options| options.sign_ins_per_minute_max = 2).await;
    let right = code(&world, &world.bob).await;
    refused(&world, "code_a").await;
    refused(&world, "code_b").await;
    let (status, problem) = sign_in(&world, &right).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (429, &json!("sign_ins_too_fast"), &json!(2)));
    assert!(problem["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{problem}");
}

#[actix_web::test]
async fn codes_have_a_limit() {
    let world = World::with(|options| options.sign_in_codes_max = 1).await;
    code(&world, &world.bob).await;
    let (status, problem) = world.ask(&world.bob, "POST", "/api/sign-in/codes", None).await;
    assert_eq!((status, &problem["code"]), (429, &json!("sign_in_codes_full")));
}

#[actix_web::test]
async fn the_server_itself_makes_an_address_for_whoever_has_a_token() {
    let world = World::start().await;
    let address = world.sign_in_address(&world.ann.token).expect("an address");
    let (server, code) = address.split_once("/#sign-in=").expect("a code behind the fragment");
    assert_eq!(server, format!("http://{}", world.address));
    let admin = signed_in(&world, code).await;
    assert_eq!(world.ask(&admin, "GET", "/api/me", None).await.1["name"], "ann");
    assert_eq!(world.sign_in_address("tenure_wrong"), None);
}
