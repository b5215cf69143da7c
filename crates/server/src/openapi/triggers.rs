//! Every operation on triggers, as it is described. `{trigger}` is an id, or a name in any case.

use tenure_protocol::trigger::{
    BackfillTimes, DeliveryView, FiredTrigger, GithubEventRow, GithubInlet, HookAnswer, LedgerEntry, NewBackfill,
    PauseTrigger, RenameTrigger, RotateInlet, RotatedInlet, RunTrigger, SavedTrigger, TestTrigger, TestedTrigger,
    TriggerChangeRow, TriggerPreview, TriggerRow, TriggerValidity, TriggerView, WhyTrigger,
};

use super::operations::{Answer, Operation, of, page_of};

const OWNER: &[&str] = &["owner"];
const SAVING: &[&str] = &["expected_revision", "owner"];
const TIMES: &[&str] = &["from", "count", "owner"];
const LEDGER: &[&str] = &["outcome", "limit", "cursor", "owner"];

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    saving().into_iter().chain(firing()).chain(looking()).chain(inlets()).collect()
}

fn saving() -> Vec<Operation> {
    use Answer::{Json, Nothing};
    let new = Operation::new;
    let saved = Json(of::<SavedTrigger>);
    let row = Json(of::<TriggerRow>);
    let switch = |path, summary| new("post", path, summary, row).query(OWNER).keyed();
    vec![
        new("get", "/api/triggers", "Lists triggers, newest first", Json(page_of::<TriggerRow>))
            .query(&["type", "enabled", "workflow", "limit", "cursor", "owner"]),
        new("post", "/api/triggers", "Makes a trigger whose name nobody has", saved)
            .query(OWNER)
            .trigger()
            .created()
            .keyed(),
        new("post", "/api/triggers/sync", "Makes or changes a trigger by its name; again, it changes nothing", saved)
            .query(SAVING)
            .trigger()
            .keyed(),
        new(
            "post",
            "/api/triggers/validate",
            "Says everything that is wrong with a definition; stores nothing",
            Json(of::<TriggerValidity>),
        )
        .query(OWNER)
        .trigger(),
        new("get", "/api/triggers/{trigger}", "Shows a trigger with its definition", Json(of::<TriggerView>))
            .query(OWNER),
        new("patch", "/api/triggers/{trigger}", "Changes what is written of a trigger", saved)
            .query(SAVING)
            .trigger()
            .keyed(),
        Operation { status: 204, ..new("delete", "/api/triggers/{trigger}", "Deletes a trigger", Nothing) }
            .query(OWNER)
            .keyed(),
        switch("/api/triggers/{trigger}/enable", "Lets a trigger fire"),
        switch("/api/triggers/{trigger}/disable", "Lets a trigger fire no more"),
        switch("/api/triggers/{trigger}/pause", "Plans nothing until an instant").body::<PauseTrigger>(),
        switch("/api/triggers/{trigger}/resume", "Ends a pause"),
        switch("/api/triggers/{trigger}/rename", "Gives a trigger another name").body::<RenameTrigger>(),
    ]
}

fn firing() -> Vec<Operation> {
    use Answer::{Json, Nothing};
    let new = Operation::new;
    let accepted = |operation| Operation { status: 202, ..operation };
    let fired = Json(of::<FiredTrigger>);
    vec![
        accepted(new("post", "/api/triggers/{trigger}/run", "Fires now", fired))
            .query(OWNER)
            .body::<RunTrigger>()
            .keyed(),
        accepted(new(
            "post",
            "/api/triggers/{trigger}/backfill",
            "Fires for every planned time of a range that is over",
            Json(of::<BackfillTimes>),
        ))
        .query(OWNER)
        .body::<NewBackfill>()
        .keyed(),
        Operation {
            status: 204,
            ..new("delete", "/api/triggers/{trigger}/backfill", "Fires for no more of those times", Nothing)
        }
        .query(OWNER)
        .keyed(),
        accepted(new(
            "post",
            "/api/triggers/{trigger}/deliveries/{firing}/replay",
            "Takes a delivery once more",
            fired,
        ))
        .query(OWNER)
        .keyed(),
        new(
            "post",
            "/api/triggers/{trigger}/test",
            "Says what a delivery would do; changes nothing",
            Json(of::<TestedTrigger>),
        )
        .query(OWNER)
        .body::<TestTrigger>(),
    ]
}

fn looking() -> Vec<Operation> {
    use Answer::Json;
    let new = Operation::new;
    let (preview, ledger) = (Json(of::<TriggerPreview>), Json(page_of::<LedgerEntry>));
    vec![
        new("get", "/api/triggers/{trigger}/preview", "Lists the next planned times", preview).query(TIMES),
        new("post", "/api/triggers/preview", "Lists the times of a definition that is not saved", preview)
            .query(TIMES)
            .trigger(),
        new("get", "/api/triggers/deliveries", "Reads the ledger of all triggers, newest first", ledger).query(LEDGER),
        new("get", "/api/triggers/{trigger}/deliveries", "Reads a trigger's ledger, newest first", ledger)
            .query(LEDGER),
        new(
            "get",
            "/api/triggers/{trigger}/deliveries/{firing}",
            "Shows a decision with what was delivered",
            Json(of::<DeliveryView>),
        )
        .query(OWNER),
        new(
            "get",
            "/api/triggers/{trigger}/why",
            "Says why a trigger did, or did not, fire at a minute",
            Json(of::<WhyTrigger>),
        )
        .query(&["at", "owner"]),
        new(
            "get",
            "/api/triggers/{trigger}/history",
            "Lists the changes of a trigger, newest first",
            Json(page_of::<TriggerChangeRow>),
        )
        .query(&["limit", "cursor", "owner"]),
    ]
}

fn inlets() -> Vec<Operation> {
    use Answer::Json;
    let new = Operation::new;
    let rotated = Json(of::<RotatedInlet>);
    let delivered = |method| {
        let summary =
            "Takes a delivery; the address and, unless the trigger says otherwise, a signature are its credentials";
        Operation { status: 202, ..new(method, "/webhooks/{address}", summary, Json(of::<HookAnswer>)) }.open()
    };
    let mut all = vec![
        new(
            "post",
            "/api/triggers/{trigger}/rotate",
            "Makes another address and another secret, or takes the sender's",
            rotated,
        )
        .query(OWNER)
        .body::<RotateInlet>()
        .keyed(),
        new(
            "get",
            "/api/triggers/github",
            "Shows the address to which GitHub posts everything of an owner",
            Json(of::<GithubInlet>),
        )
        .query(OWNER),
        new("post", "/api/triggers/github/rotate", "Makes another address and another secret for GitHub", rotated)
            .query(OWNER)
            .body::<RotateInlet>()
            .keyed(),
        new("get", "/api/triggers/github/events", "Lists what filters can name", Json(page_of::<GithubEventRow>)),
    ];
    all.extend(["get", "post", "put", "patch", "delete"].map(|method| delivered(method).any_body()));
    all
}
