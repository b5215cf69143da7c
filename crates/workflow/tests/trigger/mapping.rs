//! Values that are found in what was delivered.

use serde_json::{Value, json};
use tenure_workflow::trigger::json_path::JsonPath;
use tenure_workflow::trigger::webhook::{Request, payload};
use tenure_workflow::trigger::{Mapped, Offered};

fn mapped(rest: Value) -> Mapped {
    let mut whole = json!({ "name": "x", "path": "$.a", "type": "any" });
    whole.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

#[test]
fn paths_reach_into_objects_and_lists() {
    let payload = json!({ "a": { "b c": [10, 20, { "d": null }] }, "": 1, "x.y": 2, "list": [[1, 2], [3]] });
    for (path, found) in [
        ("$", Some(payload.clone())),
        ("$.a['b c'][1]", Some(json!(20))),
        ("$.a[\"b c\"][-1].d", Some(Value::Null)),
        ("$[\"x.y\"]", Some(json!(2))),
        ("$['']", Some(json!(1))),
        ("$.list[0][1]", Some(json!(2))),
        ("$.list[-2][-1]", Some(json!(2))),
        ("$.list[7]", None),
        ("$.list[-3]", None),
        ("$.a.nothing.at.all", None),
        ("$.a[0]", None),
        ("$.list.length", None),
    ] {
        assert_eq!(path.parse::<JsonPath>().unwrap().find(&payload).cloned(), found, "{path}");
    }
    for wrong in
        ["", "a.b", "$a", "$.", "$..a", "$[", "$[a]", "$['a]", "$['a'", "$.a[]", "$[*]", "$.*", "$.a]", "$[1.5]"]
    {
        assert!(wrong.parse::<JsonPath>().is_err(), "{wrong:?}");
    }
}

#[test]
fn values_are_made_what_the_mapping_says() {
    let find = |rest: Value, payload: Value| mapped(rest).find(&payload).map_err(|error| error.to_string());
    for (rest, a, given) in [
        (json!({ "type": "string" }), json!(5), json!("5")),
        (json!({ "type": "string" }), json!(true), json!("true")),
        (json!({ "type": "integer" }), json!(" 12 "), json!(12)),
        (json!({ "type": "number" }), json!("1.5"), json!(1.5)),
        (json!({ "type": "boolean" }), json!("false"), json!(false)),
        (json!({ "type": "object" }), json!("{\"k\": 1}"), json!({ "k": 1 })),
        (json!({}), json!(null), json!(null)),
    ] {
        assert_eq!(find(rest, json!({ "a": a })), Ok(Some(given)));
    }
    assert_eq!(find(json!({ "default": 7 }), json!({})), Ok(Some(json!(7))));
    assert_eq!(find(json!({ "type": "string", "default": "d" }), json!({ "a": null })), Ok(Some(json!("d"))));
    assert_eq!(find(json!({}), json!({})), Ok(None), "what is not there is left out");
    assert!(find(json!({ "required": true }), json!({})).unwrap_err().contains("nothing at $.a"));
    assert!(find(json!({ "type": "integer" }), json!({ "a": "many" })).unwrap_err().contains("no integer"));
}

#[test]
fn bodies_are_read_by_their_content_type() {
    let read = |content_type: &str, body: &[u8]| {
        let headers = [("content-type".to_owned(), content_type.to_owned())].into();
        payload::read(Request { method: "POST", headers: &headers, query: "", body })
    };
    assert_eq!(read("application/json; charset=utf-8", b"{\"a\":1}"), Ok(json!({ "a": 1 })));
    assert_eq!(read("application/vnd.x+json", b"[1]"), Ok(json!([1])));
    assert!(read("application/json", b"{").unwrap_err().to_string().contains("no JSON"));
    let form = "application/x-www-form-urlencoded";
    assert_eq!(read(form, b"a=1&b=x+y%21&a=2"), Ok(json!({ "a": ["1", "2"], "b": "x y!" })));
    assert_eq!(read(form, b"payload=%7B%22a%22%3A1%7D"), Ok(json!({ "a": 1 })), "as GitHub and Slack send it");
    assert_eq!(read("", b"{\"a\":1}"), Ok(json!({ "a": 1 })), "many forget to say it");
    assert_eq!(read("text/plain", b"{\"a\":1}"), Ok(json!("{\"a\":1}")));
    assert_eq!(read("text/plain", b""), Ok(Value::Null));
    assert_eq!(read("image/png", &[0xff, 0xfe]), Ok(json!({ "base64": "//4=" })));
}

#[test]
fn a_run_gets_of_what_is_offered_only_what_its_workflow_declares() {
    let text = "name: W\ninputs: {page: integer, who: string, _payload: any}\nsteps: [{type: bash, command: 'true'}]\n";
    let workflow = tenure_workflow::read::text(text).unwrap();
    let offered = Offered(payload::query("page=3&other=x&who=query"));
    let inputs = json!({ "who": "mapped" }).as_object().unwrap().clone();
    let given = offered.complete(&workflow, inputs, Some(&json!({ "a": 1 })));
    assert_eq!(Value::Object(given), json!({ "who": "mapped", "page": 3, "_payload": { "a": 1 } }));
    assert!(Offered::wants_payload(&workflow));
}
