//! Every operation on tools, as it is described.

use tenure_protocol::tool::{CallTool, ToolAnswer, ToolRow};

use super::operations::{Answer, Operation, of, page_of};

/// Lists every operation.
pub fn operations() -> Vec<Operation> {
    use Answer::Json;
    vec![
        Operation::new("get", "/api/tools", "Lists the tools that the caller may call", Json(page_of::<ToolRow>))
            .query(&["q"]),
        Operation::new("post", "/api/tools/{name}/call", "Calls a tool", Json(of::<ToolAnswer>))
            .body::<CallTool>()
            .keyed(),
    ]
}
