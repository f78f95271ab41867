//! A client in a few lines: framing, requests, and what the server sends by itself.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};

pub(crate) struct Client {
    input: ReadHalf<DuplexStream>,
    output: WriteHalf<DuplexStream>,
    next: i64,
    /// Notifications and requests of the server that nobody has asked for yet.
    pub(crate) waiting: VecDeque<Value>,
    /// Answers that came before they were waited for.
    early: Vec<Value>,
    pub(crate) is_utf8: bool,
}

/// An answer that takes longer than this is none. Tests run unoptimised and beside each other.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    pub(crate) async fn start(is_utf8: bool, folder: Option<&std::path::Path>) -> Client {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(mlflow_lsp::serve(input, output, false));
        let (input, output) = tokio::io::split(ours);
        let mut client = Client { input, output, next: 0, waiting: VecDeque::new(), early: Vec::new(), is_utf8 };
        let encodings = if is_utf8 { json!(["utf-8", "utf-16"]) } else { json!(["utf-16"]) };
        let folders = folder.map(|folder| {
            json!([{ "uri": tower_lsp::lsp_types::Url::from_file_path(folder).expect("an absolute folder"), "name": "test" }])
        });
        let answer = client
            .request(
                "initialize",
                json!({
                    "processId": null,
                    "rootUri": null,
                    "workspaceFolders": folders,
                    "capabilities": { "general": { "positionEncodings": encodings } },
                }),
            )
            .await;
        let chosen = &answer["capabilities"]["positionEncoding"];
        assert_eq!(*chosen, json!(if is_utf8 { "utf-8" } else { "utf-16" }));
        client.notify("initialized", json!({})).await;
        client
    }

    async fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.output.write_all(frame.as_bytes()).await.expect("the server reads");
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Sends a request and gives its id.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message).await;
        id
    }

    async fn receive(&mut self) -> Value {
        let read = async {
            let mut header = Vec::new();
            while !header.ends_with(b"\r\n\r\n") {
                header.push(self.input.read_u8().await.expect("the server speaks"));
            }
            let header = String::from_utf8(header).expect("headers are ASCII");
            let length = header
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .and_then(|length| length.trim().parse().ok())
                .expect("a length");
            let mut body = vec![0; length];
            self.input.read_exact(&mut body).await.expect("the whole message");
            serde_json::from_slice::<Value>(&body).expect("JSON")
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the server answers in time")
    }

    /// The whole answer to a request.
    pub(crate) async fn answer(&mut self, id: i64) -> Value {
        if let Some(at) = self.early.iter().position(|message| message["id"] == json!(id)) {
            return self.early.remove(at);
        }
        loop {
            let message = self.receive().await;
            if message.get("method").is_some() {
                if let Some(request) = message.get("id") {
                    let reply = json!({ "jsonrpc": "2.0", "id": request, "result": null });
                    self.send(&reply).await;
                }
                self.waiting.push_back(message);
            } else if message["id"] == json!(id) {
                return message;
            } else {
                self.early.push(message);
            }
        }
    }

    /// The result of a request; an error fails the test.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        let answer = self.answer(id).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The next notification of a method for which `fits` holds.
    pub(crate) async fn notified(&mut self, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let at = self.waiting.iter().position(|one| one["method"] == method && fits(&one["params"]));
            if let Some(message) = at.and_then(|at| self.waiting.remove(at)) {
                return message["params"].clone();
            }
            let message = self.receive().await;
            if let Some(request) = message.get("id").filter(|_| message.get("method").is_some()) {
                let reply = json!({ "jsonrpc": "2.0", "id": request, "result": null });
                self.send(&reply).await;
            }
            if message.get("method").is_some() {
                self.waiting.push_back(message);
            } else {
                self.early.push(message);
            }
        }
    }

    pub(crate) async fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "mlflow", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    pub(crate) async fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes });
        self.notify("textDocument/didChange", params).await;
    }

    /// The position of the first occurrence of some words, plus so many bytes, in the encoding of this client.
    pub(crate) fn place(&self, text: &str, words: &str, more: usize) -> Value {
        let at = text.find(words).unwrap_or_else(|| panic!("`{words}` does not occur")) + more;
        let line = text[..at].matches('\n').count();
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let before = &text[start..at];
        let column = if self.is_utf8 { before.len() } else { before.encode_utf16().count() };
        json!({ "line": line, "character": column })
    }

    pub(crate) fn at(&self, uri: &str, text: &str, words: &str, more: usize) -> Value {
        json!({ "textDocument": { "uri": uri }, "position": self.place(text, words, more) })
    }

    /// Applies edits of the protocol to a text.
    pub(crate) fn apply(&self, text: &str, edits: &Value) -> String {
        let offset = |position: &Value| {
            let line = position["line"].as_u64().expect("a line") as usize;
            let column = position["character"].as_u64().expect("a column") as usize;
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            if self.is_utf8 {
                return start + column;
            }
            let mut units = 0;
            for (at, letter) in text[start..].char_indices() {
                if units >= column {
                    return start + at;
                }
                units += letter.len_utf16();
            }
            text.len()
        };
        let mut list: Vec<(usize, usize, String)> = edits
            .as_array()
            .expect("a list of edits")
            .iter()
            .map(|edit| {
                let range = &edit["range"];
                let new = edit["newText"].as_str().expect("a text").to_owned();
                (offset(&range["start"]), offset(&range["end"]), new)
            })
            .collect();
        list.sort();
        let mut out = text.to_owned();
        for (start, end, new) in list.into_iter().rev() {
            out.replace_range(start..end, &new);
        }
        out
    }
}
