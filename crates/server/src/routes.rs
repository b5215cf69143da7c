//! Every route of the server, in one place.

use actix_web::web::{self, ServiceConfig};

use crate::api::executions::{acting, listing as runs, retrying, showing, starting};
use crate::api::workflows::{listing, proposals, saving, sync_all, versions};
use crate::api::{
    approvals, budgets, connectors, links, me, messages, personas, policy, queue, runners, sandboxes, sessions,
    sign_in, threads, tickets, tokens, tools, triggers, users, workspace,
};
use crate::link::{client, draft, feed, operators, run, runner};
use crate::route_table::{RouteTable, any, at, delete, get, patch, post, put};
use crate::{admin, console, health, hooks, mcp, metrics, openapi};

/// Lays the routes out.
pub fn routes(config: &mut ServiceConfig) {
    table().lay_out(config);
    // Pages of the console are every other path: which one is shown, the page itself reads off it.
    config.default_service(web::to(console::answer));
}

/// Returns every route.
pub fn table() -> RouteTable {
    RouteTable::of(all)
}

fn all(config: &mut RouteTable) {
    config
        .service(at("/healthz").route(get().to(health::up)))
        .service(at("/readyz").route(get().to(health::ready)))
        .service(at("/metrics").route(get().to(metrics::show)))
        .service(at("/schema/frames.json").route(get().to(openapi::frames)))
        .service(at("/schema/workflow.json").route(get().to(openapi::workflow)))
        .service(at("/schema/trigger.json").route(get().to(openapi::trigger)))
        .service(at("/schema/workflow.md").route(get().to(openapi::guide)))
        .service(at("/webhooks/{address}").route(any().to(hooks::receive)))
        .service(at("/mcp").route(any().to(mcp::answer)))
        .service(at("/link/runner").route(get().to(runner::socket)))
        .below("/api", api)
        .below("/admin", admin);
}

fn api(config: &mut RouteTable) {
    config
        .service(at("/openapi.json").route(get().to(openapi::document)))
        .service(at("/me").route(get().to(me::me)))
        .service(at("/feed").route(get().to(feed::feed)))
        .service(at("/runners").route(get().to(runners::list)))
        .service(at("/runners/{id}").route(get().to(runners::show)))
        .service(at("/runners/{id}/drain").route(post().to(runners::drain)))
        .service(at("/runners/{id}/resume").route(post().to(runners::resume)))
        .service(at("/tickets").route(post().to(tickets::issue)))
        .service(at("/sign-in").route(post().to(sign_in::sign_in)))
        .service(at("/sign-in/codes").route(post().to(sign_in::issue)))
        .service(at("/sign-out").route(post().to(sign_in::sign_out)))
        .service(at("/users").route(post().to(users::add)).route(get().to(users::list)))
        .service(at("/tokens").route(post().to(tokens::issue)).route(get().to(tokens::list)))
        .service(at("/tools").route(get().to(tools::list)))
        .service(at("/tools/{name}/call").route(post().to(tools::call)))
        .service(at("/tokens/{id}").route(delete().to(tokens::revoke)))
        .service(at("/sessions").route(post().to(sessions::open)).route(get().to(sessions::list)))
        .service(
            at("/sessions/{id}")
                .route(get().to(sessions::show))
                .route(patch().to(sessions::change))
                .route(delete().to(sessions::terminate)),
        )
        .service(at("/sessions/{id}/terminate").route(post().to(sessions::terminate)))
        .service(at("/sessions/{id}/share").route(post().to(sessions::share)))
        .service(at("/sessions/{id}/messages").route(get().to(messages::list)))
        .service(at("/sessions/{id}/prompts").route(post().to(queue::prompt)))
        .service(
            at("/sessions/{id}/prompts/{prompt}").route(patch().to(queue::edit)).route(delete().to(queue::withdraw)),
        )
        .service(at("/sessions/{id}/prompts/{prompt}/move").route(post().to(queue::move_to)))
        .service(at("/sessions/{id}/prompts/{prompt}/promote").route(post().to(queue::promote)))
        .service(at("/sessions/{id}/abort").route(post().to(queue::abort)))
        .service(at("/sessions/{id}/retry").route(post().to(queue::retry)))
        .service(at("/sessions/{id}/answers").route(post().to(queue::answer)))
        .service(at("/sessions/{id}/threads").route(post().to(threads::open)))
        .service(at("/sessions/{id}/threads/{thread}").route(patch().to(threads::rename)))
        .service(at("/sessions/{id}/workspace/diff").route(get().to(workspace::diff)))
        .service(at("/sessions/{id}/attachments/{attachment}").route(get().to(workspace::attachment)))
        .service(at("/sessions/{id}/workspace/restore").route(post().to(workspace::restore)))
        .service(at("/sessions/{id}/sandbox/wake").route(post().to(sandboxes::wake)))
        .service(at("/sessions/{id}/sandbox/hibernate").route(post().to(sandboxes::hibernate)))
        .service(at("/sessions/{id}/sandbox/stop").route(post().to(sandboxes::stop)))
        .service(at("/sandboxes").route(get().to(sandboxes::list)))
        .service(at("/sandboxes/{session}/credential").route(post().to(sandboxes::credential)))
        .service(at("/sessions/{id}/ws").route(get().to(client::socket)))
        .service(at("/sessions/{id}/events").route(get().to(client::events::events)))
        .configure(workflows)
        .configure(executions)
        .configure(triggers)
        .configure(policies);
}

fn workflows(config: &mut RouteTable) {
    config
        .service(at("/workflows").route(get().to(listing::list)))
        .service(at("/workflows/validate").route(post().to(saving::validate)))
        .service(at("/workflows/sync").route(post().to(saving::sync)))
        .service(at("/workflows/sync-all").route(post().to(sync_all::sync_all)))
        .service(at("/workflows/draft").route(post().to(draft::whole)))
        .service(at("/workflows/draft/step").route(post().to(draft::step)))
        .service(
            at("/workflows/{id}")
                .route(get().to(listing::show))
                .route(put().to(saving::replace))
                .route(patch().to(saving::change))
                .route(delete().to(saving::delete)),
        )
        .service(at("/workflows/{id}/enable").route(post().to(saving::enable)))
        .service(at("/workflows/{id}/disable").route(post().to(saving::disable)))
        .service(at("/workflows/{id}/versions").route(get().to(versions::list)))
        .service(at("/workflows/{id}/versions/{hash}").route(get().to(versions::show)))
        .service(at("/workflows/{id}/diff").route(get().to(versions::compare)))
        .service(at("/workflows/{id}/rollback").route(post().to(versions::rollback)))
        .service(at("/workflows/{id}/proposals").route(post().to(proposals::propose)).route(get().to(proposals::list)))
        .service(at("/workflows/{id}/proposals/{proposal}").route(get().to(proposals::show)))
        .service(at("/workflows/{id}/proposals/{proposal}/review").route(post().to(proposals::review)))
        .service(at("/workflows/{id}/proposals/{proposal}/apply").route(post().to(proposals::apply)));
}

fn executions(config: &mut RouteTable) {
    config
        .service(at("/executions").route(post().to(starting::start)).route(get().to(runs::list)))
        .service(at("/executions/{id}").route(get().to(showing::show)))
        .service(at("/executions/{id}/steps").route(get().to(showing::steps)))
        .service(at("/executions/{id}/why").route(get().to(showing::why)))
        .service(at("/executions/{id}/stream").route(get().to(run::stream)))
        .service(at("/executions/{id}/cancel").route(post().to(acting::cancel)))
        .service(at("/executions/{id}/pause").route(post().to(acting::pause)))
        .service(at("/executions/{id}/resume").route(post().to(acting::resume)))
        .service(at("/executions/{id}/resolve").route(post().to(acting::resolve)))
        .service(at("/executions/{id}/retry").route(post().to(retrying::retry)))
        .service(at("/executions/{id}/events/{name}").route(post().to(acting::event)))
        .service(
            at("/executions/{id}/approvals/{approval}")
                .route(get().to(approvals::show))
                .route(post().to(approvals::decide)),
        )
        .service(
            at("/executions/{id}/approvals/{approval}/links")
                .route(get().to(links::list))
                .route(post().to(links::make)),
        )
        .service(at("/executions/{id}/approvals/{approval}/links/{link}").route(delete().to(links::revoke)))
        .service(at("/personas").route(get().to(personas::list)))
        .service(
            at("/personas/{name}")
                .route(get().to(personas::show))
                .route(put().to(personas::set))
                .route(delete().to(personas::remove)),
        )
        .service(at("/connectors").route(get().to(connectors::list)))
        .service(
            at("/connectors/{name}")
                .route(get().to(connectors::show))
                .route(put().to(connectors::set))
                .route(delete().to(connectors::remove)),
        )
        .service(at("/connectors/{name}/check").route(post().to(connectors::check)))
        .service(at("/connectors/{name}/accept").route(post().to(connectors::accept)))
        .service(at("/approvals").route(get().to(approvals::list)))
        .service(at("/approvals/link").route(post().to(links::decide)))
        .service(at("/approvals/link/show").route(post().to(links::show)))
        .service(at("/approvals/{approval}").route(post().to(approvals::decide_listed)));
}

fn policies(config: &mut RouteTable) {
    config
        .service(at("/policy").route(get().to(policy::rules::show)))
        .service(at("/policy/rules").route(put().to(policy::rules::set)).route(delete().to(policy::rules::remove)))
        .service(
            at("/policy/organization")
                .route(put().to(policy::rules::set_for_all))
                .route(delete().to(policy::rules::remove_for_all)),
        )
        .service(at("/policy/explain").route(get().to(policy::explain::explain)))
        .service(at("/policy/audit").route(get().to(policy::audit::list)))
        .service(at("/policy/grants").route(get().to(policy::grants::list)).route(post().to(policy::grants::grant)))
        .service(at("/budgets").route(get().to(budgets::list)))
        .service(at("/budgets/audit").route(get().to(budgets::audit)))
        .service(
            at("/budgets/{scope}")
                .route(get().to(budgets::show))
                .route(put().to(budgets::set))
                .route(delete().to(budgets::remove)),
        )
        .service(at("/policy/grants/{grant}").route(delete().to(policy::grants::revoke)));
}

fn triggers(config: &mut RouteTable) {
    config
        .service(at("/triggers").route(get().to(triggers::listing::list)).route(post().to(triggers::saving::create)))
        .service(at("/triggers/sync").route(post().to(triggers::saving::sync)))
        .service(at("/triggers/validate").route(post().to(triggers::saving::validate)))
        .service(at("/triggers/preview").route(post().to(triggers::preview::unsaved)))
        .service(at("/triggers/deliveries").route(get().to(triggers::deliveries::all)))
        .service(at("/triggers/github").route(get().to(triggers::github::show)))
        .service(at("/triggers/github/rotate").route(post().to(triggers::github::rotate)))
        .service(at("/triggers/github/events").route(get().to(triggers::github::events)))
        .service(
            at("/triggers/{trigger}")
                .route(get().to(triggers::listing::show))
                .route(patch().to(triggers::saving::change))
                .route(delete().to(triggers::acting::delete)),
        )
        .service(at("/triggers/{trigger}/enable").route(post().to(triggers::acting::enable)))
        .service(at("/triggers/{trigger}/disable").route(post().to(triggers::acting::disable)))
        .service(at("/triggers/{trigger}/pause").route(post().to(triggers::acting::pause)))
        .service(at("/triggers/{trigger}/resume").route(post().to(triggers::acting::resume)))
        .service(at("/triggers/{trigger}/rename").route(post().to(triggers::acting::rename)))
        .service(at("/triggers/{trigger}/run").route(post().to(triggers::running::run)))
        .service(
            at("/triggers/{trigger}/backfill")
                .route(post().to(triggers::running::backfill))
                .route(delete().to(triggers::running::stop_backfill)),
        )
        .service(at("/triggers/{trigger}/preview").route(get().to(triggers::preview::saved)))
        .service(at("/triggers/{trigger}/test").route(post().to(triggers::testing::test)))
        .service(at("/triggers/{trigger}/rotate").route(post().to(triggers::rotating::rotate)))
        .service(at("/triggers/{trigger}/deliveries").route(get().to(triggers::deliveries::list)))
        .service(at("/triggers/{trigger}/deliveries/{firing}").route(get().to(triggers::deliveries::show)))
        .service(at("/triggers/{trigger}/deliveries/{firing}/replay").route(post().to(triggers::deliveries::replay)))
        .service(at("/triggers/{trigger}/why").route(get().to(triggers::why::why)))
        .service(at("/triggers/{trigger}/history").route(get().to(triggers::history::list)));
}

fn admin(config: &mut RouteTable) {
    config
        .service(at("/live").route(get().to(operators::live)))
        .service(at("/writer").route(get().to(admin::server::writer)))
        .service(at("/runners").route(get().to(admin::server::runners)))
        .service(at("/entities/{kind}").route(get().to(admin::entities::list)))
        .service(at("/entities/session/{id}/stuck").route(get().to(admin::entities::stuck)))
        .service(at("/entities/{kind}/{id}").route(get().to(admin::entities::show)))
        .service(at("/entities/{kind}/{id}/journal").route(get().to(admin::journal::page)))
        .service(at("/entities/{kind}/{id}/state").route(get().to(admin::journal::state)))
        .service(at("/entities/{kind}/{id}/passivate").route(post().to(admin::acts::passivate)))
        .service(at("/entities/{kind}/{id}/wake").route(post().to(admin::acts::wake)));
}
