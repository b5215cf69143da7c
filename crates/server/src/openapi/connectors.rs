//! Every operation on connectors, as it is described.

use tenure_protocol::connector::{AcceptTools, ConnectorChecked, ConnectorSet, ConnectorView, SetConnector};

use super::operations::{Answer, Operation, of, page_of};

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::{Json, Nothing};
    let new = Operation::new;
    vec![
        new("get", "/api/connectors", "Lists the caller's connectors", Json(page_of::<ConnectorView>)),
        new("get", "/api/connectors/{name}", "Shows a connector", Json(of::<ConnectorView>)),
        new("put", "/api/connectors/{name}", "Registers a connector, or changes one", Json(of::<ConnectorSet>))
            .body::<SetConnector>(),
        Operation {
            status: 204,
            ..new("delete", "/api/connectors/{name}", "Forgets a connector, with what it signs in with", Nothing)
        },
        new(
            "post",
            "/api/connectors/{name}/check",
            "Connects now, and tells what is there",
            Json(of::<ConnectorChecked>),
        ),
        new("post", "/api/connectors/{name}/accept", "Accepts tools that have changed", Json(of::<ConnectorView>))
            .body::<AcceptTools>(),
    ]
}
