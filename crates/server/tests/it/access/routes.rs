//! Every route, tried by everybody.

use std::collections::BTreeSet;

use super::objects::{Objects, PARTS, SECRETS, nowhere};
use super::table::{Opens, ROUTES, Row, SIGN_OUT};
use super::{Admin, Owner, ROLES, Role, Scene, Stranger, Told, refusal};

/// Leaves out how what stands in a path is called.
fn shape(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// Tells whether a row names something that is a part of something else.
fn names_a_part(row: &Row) -> bool {
    PARTS
        .iter()
        .any(|part| [row.path, row.body.unwrap_or_default()].iter().any(|text| text.contains(&format!("{{{part}}}"))))
}

/// Returns somebody's objects with the parts of somebody else's.
fn mixed(whole: &Objects, parts: &Objects) -> Objects {
    let pick = |(name, value): (&&'static str, &String)| {
        (*name, if PARTS.contains(name) { parts[name].clone() } else { value.clone() })
    };
    whole.iter().map(pick).collect()
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let there: BTreeSet<_> =
        tenure_server::every_route().into_iter().map(|(method, path)| (method, shape(&path))).collect();
    let expected: BTreeSet<_> = ROUTES.iter().map(|row| (row.method, shape(row.path))).collect();
    assert_eq!(expected.len(), ROUTES.len(), "one row for each");
    assert_eq!(there, expected);
}

#[actix_web::test]
async fn whoever_is_not_let_in_learns_and_changes_nothing() {
    let scene = Scene::start().await;
    let (before, nothing) = (scene.settled().await, nowhere(&scene.owned));
    let mut wrong = vec![];
    for row in ROUTES {
        for role in ROLES {
            let Some(expected) = refusal(row.opens, role) else { continue };
            let told = scene.ask(role, row, &scene.owned).await;
            let unknown = scene.ask(role, row, &nothing).await;
            if told.refusal() != expected || told != unknown {
                wrong.push(format!("{} {} as {role:?}: {told:?}, and of nothing {unknown:?}", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(scene.settled().await, before, "nothing was written");
}

#[actix_web::test]
async fn no_part_is_reached_through_a_whole_of_ones_own() {
    let scene = Scene::start().await.without_runner();
    let theirs = mixed(&scene.strange, &scene.owned);
    let nothing = mixed(&scene.strange, &nowhere(&scene.owned));
    let mut wrong = vec![];
    for row in ROUTES.iter().filter(|row| names_a_part(row)) {
        let told = scene.ask(Stranger, row, &theirs).await;
        let unknown = scene.ask(Stranger, row, &nothing).await;
        if told.status < 400 || told != unknown {
            wrong.push(format!("{} {}: {told:?}, and of nothing {unknown:?}", row.method, row.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[actix_web::test]
async fn owners_and_strangers_are_let_in_to_what_is_their_own() {
    let scene = Scene::start().await.without_runner();
    let theirs = scene.strange.clone();
    let mut wrong = let_in(&scene, Owner, &scene.owned).await;
    for (row, told) in let_in_to(&scene, Stranger, &theirs).await {
        let shown = SECRETS.iter().filter(|name| told.text.contains(&scene.owned[**name]));
        wrong.extend(shown.map(|name| format!("{} {} shows the owner's {name}: {told:?}", row.method, row.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[actix_web::test]
async fn administrators_and_everybody_else_are_let_in_where_the_table_says_so() {
    let scene = Scene::start().await;
    let mut wrong = vec![];
    for role in [Role::Nobody, Role::Wrong, Role::Runner, Role::Agent] {
        wrong.extend(let_in(&scene, role, &scene.strange).await);
    }
    let scene = scene.without_runner();
    wrong.extend(let_in(&scene, Admin, &scene.owned).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Asks for everything that opens to this role, and says where it was turned away.
async fn let_in(scene: &Scene, role: Role, objects: &Objects) -> Vec<String> {
    let is_turned_away = |(row, told): &(Row, Told)| {
        let turned = match row.opens {
            Opens::Owner(refusal) | Opens::OwnerAndAdmins(refusal) | Opens::Admins(refusal) => refusal,
            _ => (404, "route_unknown"),
        };
        [401, 403, 405].contains(&told.status) || told.status == 500 || told.refusal() == turned
    };
    let told = let_in_to(scene, role, objects).await;
    let wrong = told.into_iter().filter(is_turned_away);
    wrong.map(|(row, told)| format!("{} {} as {role:?}: {told:?}", row.method, row.path)).collect()
}

/// Asks for everything that opens to this role: first what leaves things there, then what takes them away, parts before wholes, and
/// the right to ask last.
async fn let_in_to(scene: &Scene, role: Role, objects: &Objects) -> Vec<(Row, Told)> {
    let mut rows: Vec<Row> = ROUTES.iter().filter(|row| refusal(row.opens, role).is_none()).copied().collect();
    rows.sort_by_key(|row| {
        (
            row.path == SIGN_OUT,
            row.method == "DELETE",
            if row.method == "DELETE" { usize::MAX - row.path.len() } else { 0 },
        )
    });
    let mut answers = vec![];
    for row in rows {
        answers.push((row, scene.ask(role, &row, objects).await));
    }
    answers
}
