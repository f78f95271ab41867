//! Order, lifecycle and failures of the protocol.

use serde_json::json;

use super::client::Client;

const FILE: &str = "file:///nowhere/main.mlflow";

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_edits_is_applied_in_order_and_published_once_at_its_end() {
    let mut client = Client::start(false, None).await;
    client.open(FILE, "").await;
    // Each edit puts a line before the others; any other order gives another text.
    let count = 400;
    for version in 2..count + 2 {
        let start = json!({ "line": 0, "character": 0 });
        let change =
            json!([{ "range": { "start": start, "end": start }, "text": format!("let a{version} = {version}\n") }]);
        client.change(FILE, version, change).await;
    }
    let symbols = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": FILE } })).await;
    let names: Vec<&str> = symbols.as_array().expect("symbols").iter().filter_map(|one| one["name"].as_str()).collect();
    let expected: Vec<String> = (2..count + 2).rev().map(|version| format!("a{version}")).collect();
    assert_eq!(names, expected);
    let last = client.notified("textDocument/publishDiagnostics", |params| params["version"] == json!(count + 1)).await;
    assert_eq!(last["uri"], FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sees_the_text_of_its_arrival() {
    let mut client = Client::start(true, None).await;
    client.open(FILE, "let first = 1\n").await;
    let params = json!({ "textDocument": { "uri": FILE } });
    let before = client.ask("textDocument/documentSymbol", params.clone()).await;
    client.change(FILE, 2, json!([{ "text": "let second = 2\n" }])).await;
    let after = client.ask("textDocument/documentSymbol", params).await;
    let first = client.answer(before).await;
    assert_eq!(first["result"][0]["name"], "first", "{first}");
    let second = client.answer(after).await;
    assert_eq!(second["result"][0]["name"], "second", "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_takes_the_findings_away() {
    let mut client = Client::start(false, None).await;
    client.open(FILE, "let a = b\n").await;
    let params = client
        .notified("textDocument/publishDiagnostics", |params| {
            !params["diagnostics"].as_array().expect("a list").is_empty()
        })
        .await;
    assert_eq!(params["diagnostics"][0]["code"], "E0201");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": FILE } })).await;
    let params = client
        .notified("textDocument/publishDiagnostics", |params| {
            params["diagnostics"].as_array().expect("a list").is_empty()
        })
        .await;
    assert_eq!(params["uri"], FILE);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_after_shutdown_are_refused_and_unknown_ones_too() {
    let mut client = Client::start(false, None).await;
    let id = client.ask("mlflow/unknown", json!({})).await;
    assert_eq!(client.answer(id).await["error"]["code"], -32601);
    client.request("shutdown", json!(null)).await;
    let id = client.ask("textDocument/hover", client.at(FILE, "x", "x", 0)).await;
    assert!(client.answer(id).await["error"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_nobody_opened_has_no_answers_and_no_errors() {
    let mut client = Client::start(false, None).await;
    let answer = client.request("textDocument/hover", client.at(FILE, "x", "x", 0)).await;
    assert!(answer.is_null());
    let answer = client.request("textDocument/completion", client.at(FILE, "x", "x", 0)).await;
    assert!(answer.is_null());
}

#[test]
fn exit_ends_the_process_and_says_whether_shutdown_came_first() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let frame = |message: serde_json::Value| {
        let body = message.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let initialize =
        frame(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    let shutdown = frame(json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    let exit = frame(json!({ "jsonrpc": "2.0", "method": "exit" }));
    for (messages, code) in [(vec![&initialize, &shutdown, &exit], 0), (vec![&initialize, &exit], 1)] {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mlflow-lsp"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        // The stream stays open: `exit` alone must end it.
        let mut input = server.stdin.take().expect("it was piped");
        for message in messages {
            input.write_all(message.as_bytes()).expect("the server reads");
        }
        input.flush().expect("the server reads");
        let status = server.wait().expect("it ends");
        assert_eq!(status.code(), Some(code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_opened_are_looked_at_when_the_client_is_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("main.mlflow");
    std::fs::write(&path, "let size = wrong\n").expect("a file");
    let uri = tower_lsp::lsp_types::Url::from_file_path(&path).expect("a path").to_string();
    let mut client = Client::start(true, Some(folder.path())).await;
    let published = client.notified("textDocument/publishDiagnostics", |params| params["uri"] == json!(uri)).await;
    assert_eq!(published["diagnostics"].as_array().map(Vec::len), Some(1), "{published:#}");
    let status = client.notified("mlflow/status", |_| true).await;
    assert_eq!((&status["state"], &status["errors"]), (&json!("ready"), &json!(1)));
}
