//! The server from outside: a real one on a free port, over a store in memory, with fake runners and clients.

mod access;
mod admin;
mod auth;
mod binding;
mod chat;
mod cursor;
mod executions;
mod feed;
mod fold;
mod frames;
mod http;
mod limits;
mod mcp;
mod policy;
mod runner;
mod runs_cut;
mod runs_in_chat;
mod stalled;
mod steps;
mod stopping;
mod tools;
mod triggers;
mod workflow_sets;
mod workflows;
mod workspace;
mod world;
