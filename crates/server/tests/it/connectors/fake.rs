//! A server of the Model Context Protocol that behaves, and misbehaves, as a test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

/// What a fake was asked, and what it is to say.
#[derive(Clone, Default)]
pub struct Story {
    /// The calls that came, by tool.
    calls: Arc<Mutex<Vec<Value>>>,
    headers: Arc<Mutex<BTreeMap<String, String>>>,
    /// The tools beside the usual ones.
    more: Arc<Mutex<Vec<Value>>>,
    about: Arc<Mutex<String>>,
    /// Turns true when `late` is to answer.
    answers: Arc<watch::Sender<bool>>,
    /// How often `late` has answered.
    answered: Arc<watch::Sender<usize>>,
}

/// A running fake.
pub struct Fake {
    pub story: Story,
    pub url: String,
    handle: ServerHandle,
    arrived: Arc<watch::Sender<usize>>,
}

impl Fake {
    pub async fn start() -> Self {
        let (story, arrived) = (Story::default(), Arc::new(watch::Sender::new(0)));
        *story.about.lock().expect("nobody panicked") = "Says it again.".to_owned();
        let (told, news) = (Data::new(story.clone()), Data::from(arrived.clone()));
        let server = HttpServer::new(move || {
            App::new().app_data(told.clone()).app_data(news.clone()).route("/mcp", web::post().to(answer))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0").expect("it binds");
        let url = format!("http://{}/mcp", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { story, url, handle, arrived }
    }

    /// Ends at once, whatever is under way.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }

    /// Waits until so many calls have come.
    pub async fn called(&self, count: usize) {
        let mut news = self.arrived.subscribe();
        let there = tokio::time::timeout(crate::world::BOUND, news.wait_for(|there| *there >= count)).await;
        there.expect("the calls come in time").expect("the fake is there");
    }

    /// Lets `late` answer, and waits until it has.
    pub async fn answer(&self) {
        let mut answered = self.story.answered.subscribe();
        self.story.answers.send_replace(true);
        let done = tokio::time::timeout(crate::world::BOUND, answered.wait_for(|count| *count > 0)).await;
        done.expect("it answers in time").expect("the fake is there");
    }

    pub fn calls(&self) -> Vec<Value> {
        self.story.calls.lock().expect("nobody panicked").clone()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.story.headers.lock().expect("nobody panicked").get(name).cloned()
    }

    pub fn describe(&self, about: &str) {
        *self.story.about.lock().expect("nobody panicked") = about.to_owned();
    }

    pub fn add(&self, tools: Vec<Value>) {
        self.story.more.lock().expect("nobody panicked").extend(tools);
    }
}

async fn answer(
    story: Data<Story>,
    arrived: Data<watch::Sender<usize>>,
    request: HttpRequest,
    body: Json<Value>,
) -> HttpResponse {
    let id = body["id"].clone();
    match body["method"].as_str().unwrap_or_default() {
        "initialize" => {
            let text =
                |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
                    (name.to_string(), value.to_str().unwrap_or_default().to_owned())
                };
            *story.headers.lock().expect("nobody panicked") = request.headers().iter().map(text).collect();
            result(
                &id,
                json!({
                    "protocolVersion": body["params"]["protocolVersion"], "capabilities": { "tools": {} },
                    "serverInfo": { "name": "fake", "version": "1" },
                }),
            )
        }
        "tools/list" => result(&id, json!({ "tools": tools(&story) })),
        "tools/call" => {
            let (tool, arguments) = (body["params"]["name"].clone(), body["params"]["arguments"].clone());
            let meta = body["params"]["_meta"].clone();
            let call = json!({ "tool": tool, "arguments": arguments, "meta": meta });
            story.calls.lock().expect("nobody panicked").push(call);
            arrived.send_modify(|there| *there += 1);
            called(&story, &id, tool.as_str().unwrap_or_default(), arguments).await
        }
        _ => HttpResponse::Accepted().finish(),
    }
}

fn tools(story: &Story) -> Vec<Value> {
    let about = story.about.lock().expect("nobody panicked").clone();
    let one = |name: &str, about: &str| {
        json!({ "name": name, "description": about, "inputSchema": { "type": "object" },
            "annotations": { "readOnlyHint": true, "destructiveHint": false } })
    };
    let usual = ["reflect", "fail", "late", "hang", "flood", "cut", "garbage", "refuse", "trip", "picture"]
        .map(|name| one(name, "For a test."));
    let more = story.more.lock().expect("nobody panicked").clone();
    [one("echo", &about)].into_iter().chain(usual).chain(more).collect()
}

async fn called(story: &Story, id: &Value, tool: &str, arguments: Value) -> HttpResponse {
    let says = |text: String| json!({ "content": [{ "type": "text", "text": text }] });
    match tool {
        "echo" => {
            let mut said = says(format!("you said {arguments}"));
            said["structuredContent"] = arguments;
            result(id, said)
        }
        "reflect" => {
            let headers = story.headers.lock().expect("nobody panicked").clone();
            result(id, says(json!(headers).to_string()))
        }
        "picture" => {
            let picture = json!({ "type": "image", "data": "AAAA", "mimeType": "image/png" });
            result(id, json!({ "content": [{ "type": "text", "text": "look" }, picture] }))
        }
        "fail" => {
            let mut said = says("the disk is full".to_owned());
            said["isError"] = json!(true);
            result(id, said)
        }
        // Dropped without an answer when whoever has called is gone.
        "late" => {
            let _ = story.answers.subscribe().wait_for(|answers| *answers).await;
            story.answered.send_modify(|count| *count += 1);
            let mut said = says("the disk is full, it says late".to_owned());
            said["isError"] = json!(true);
            result(id, said)
        }
        "hang" => std::future::pending().await,
        // More than is read, and never an end.
        "flood" => {
            let flood = stream::repeat(Bytes::from(vec![b' '; 64 * 1024])).map(Ok::<_, std::io::Error>);
            HttpResponse::Ok().content_type("application/json").streaming(flood)
        }
        // The beginning of an answer, and then the end of the connection.
        "cut" => {
            let beginning = stream::iter([Ok(Bytes::from_static(b"{\"jsonrpc\":")), Err(std::io::Error::other("cut"))]);
            HttpResponse::Ok().content_type("application/json").streaming(beginning)
        }
        "garbage" => HttpResponse::Ok().content_type("application/json").body("{\"what\": true}"),
        "refuse" => error(id, -32602, "the field x is missing"),
        "trip" => HttpResponse::InternalServerError().body("oh no"),
        _ => error(id, -32602, "there is no such tool"),
    }
}

fn result(id: &Value, result: Value) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn error(id: &Value, code: i64, message: &str) -> HttpResponse {
    let error = json!({ "code": code, "message": message });
    HttpResponse::Ok().json(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}
