//! Every capability, in both encodings, with characters beyond the first plane and both kinds of line ends.

use serde_json::{Value, json};

use super::client::Client;

const TEXT: &str = r#"// 𝄞 before all
project demo { region = "eu-west-1", bucket = "bkt" }

/// 𝄞 One row.
schema Row { id: int, name?: string }

let /* 𝄞 */ size = 2
let twice(n) => n * 2

workflow run_it {
  param input: uri = "s3://𝄞/data.csv"
  source raw: table<Row> = s3 { uri = input, format = "csv" }
  transform prepare = processing {
    image    = sklearn("1.2-1")
    instance = "ml.m5.xlarge"
    command  = ["echo", "𝄞", "${size}"]
    count    = twice(size)
    in { raw }
    out { clean: table<Row> = { format = "csv" } }
  }
  transform again = processing {
    image = sklearn("1.2-1")
    instance = "ml.m5.xlarge"
    command = ["echo"]
    in { clean = prepare.clean }
  }
}
"#;

/// `/* */` is no comment of the language; it is here to be mended.
fn text(crlf: bool) -> String {
    let text = TEXT.replace("let /* 𝄞 */ size", "let size");
    if crlf { text.replace('\n', "\r\n") } else { text }
}

fn labels(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap_or_else(|| panic!("no items: {answer}"));
    items.iter().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_capability_answers_in_both_encodings_and_line_ends() {
    for (is_utf8, crlf) in [(false, false), (true, false), (false, true), (true, true)] {
        every_capability(is_utf8, crlf).await;
    }
}

async fn every_capability(is_utf8: bool, crlf: bool) {
    let text = &text(crlf);
    let folder = tempfile::tempdir().expect("a folder");
    let uri =
        &tower_lsp::lsp_types::Url::from_file_path(folder.path().join("main.mlflow")).expect("a path").to_string();
    let mut client = Client::start(is_utf8, Some(folder.path())).await;
    client.open(uri, text).await;
    let document = json!({ "textDocument": { "uri": uri } });
    let published = client.notified("textDocument/publishDiagnostics", |params| params["uri"] == json!(uri)).await;
    assert_eq!(published["diagnostics"], json!([]), "{published:#}");
    let status = client.notified("mlflow/status", |_| true).await;
    assert_eq!(status["state"], "ready");

    let hover = client.request("textDocument/hover", client.at(uri, text, "instance = \"ml", 3)).await;
    let shown = hover["contents"]["value"].as_str().unwrap_or_else(|| panic!("no hover: {hover}"));
    assert!(
        shown.contains("instance(processing)") && shown.contains("ProcessingResources.ClusterConfig.InstanceType"),
        "{shown}"
    );
    assert_eq!(hover["range"]["start"], client.place(text, "instance = \"ml", 0));

    // After an astral character on the same line the encodings differ.
    let hover = client.request("textDocument/hover", client.at(uri, text, "${size}", 3)).await;
    assert_eq!(hover["range"]["start"], client.place(text, "${size}", 2));
    assert_eq!(hover["range"]["end"], client.place(text, "${size}", 6));

    let list = client.request("textDocument/completion", client.at(uri, text, "\"ml.m5", 1)).await;
    assert!(labels(&list).contains(&"ml.m5.xlarge".to_owned()));
    let list = client.request("textDocument/completion", client.at(uri, text, "prepare.clean", 8)).await;
    assert!(labels(&list).contains(&"clean".to_owned()), "{:?}", labels(&list));
    let list = client.request("textDocument/completion", client.at(uri, text, "processing {", 0)).await;
    let item = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|item| item["label"] == "processing")
        .expect("a kind")
        .clone();
    assert!(item["documentation"].is_null(), "documentation comes when it is asked for");
    let item = client.request("completionItem/resolve", item).await;
    assert!(item["documentation"]["value"].as_str().is_some_and(|doc| doc.contains("script")), "{item}");

    let help = client.request("textDocument/signatureHelp", client.at(uri, text, "twice(size)", 6)).await;
    assert_eq!(help["signatures"][0]["label"], "twice(n)");

    let definition = client.request("textDocument/definition", client.at(uri, text, "prepare.clean", 9)).await;
    assert_eq!(definition[0]["range"]["start"], client.place(text, "clean: table", 0), "{definition}");
    let definition = client.request("textDocument/definition", client.at(uri, text, "processing {", 2)).await;
    let library = definition[0]["uri"].as_str().expect("a place").to_owned();
    assert_eq!(library, "mlflow-std:/stdlib/kinds/processing.mlflow");
    let content = client.request("mlflow/standardLibrary", json!({ "uri": library })).await;
    assert!(content["text"].as_str().is_some_and(|text| text.contains("kind processing")));
    let declaration = client.request("textDocument/declaration", client.at(uri, text, "table<Row>", 7)).await;
    assert_eq!(declaration[0]["range"]["start"], client.place(text, "Row {", 0));
    let type_definition = client.request("textDocument/typeDefinition", client.at(uri, text, "in { raw }", 6)).await;
    assert_eq!(type_definition[0]["uri"], "mlflow-std:/stdlib/kinds/s3.mlflow", "{type_definition}");
    let uses = client.request("textDocument/implementation", client.at(uri, text, "Row {", 1)).await;
    assert_eq!(uses.as_array().map(Vec::len), Some(2), "{uses}");

    let mut params = client.at(uri, text, "let size", 5);
    params["context"] = json!({ "includeDeclaration": true });
    let references = client.request("textDocument/references", params).await;
    assert_eq!(references.as_array().map(Vec::len), Some(3), "{references}");
    let highlights = client.request("textDocument/documentHighlight", client.at(uri, text, "let size", 5)).await;
    assert_eq!(highlights.as_array().map(Vec::len), Some(3));

    let prepared = client.request("textDocument/prepareRename", client.at(uri, text, "let size", 5)).await;
    assert_eq!(prepared["placeholder"], "size");
    let mut params = client.at(uri, text, "let size", 5);
    params["newName"] = json!("amount");
    let edit = client.request("textDocument/rename", params).await;
    let renamed = client.apply(text, &edit["changes"][uri.as_str()]);
    assert_eq!(
        renamed,
        text.replace("let size", "let amount").replace("${size}", "${amount}").replace("(size)", "(amount)")
    );
    let mut params = client.at(uri, text, "in { raw }", 6);
    params["newName"] = json!("rows");
    let edit = client.request("textDocument/rename", params).await;
    let renamed = client.apply(text, &edit["changes"][uri.as_str()]);
    assert!(renamed.contains("in { raw = rows }") && renamed.contains("source rows: table<Row>"), "{renamed}");

    let symbols = client.request("textDocument/documentSymbol", document.clone()).await;
    let names: Vec<&str> = symbols.as_array().expect("symbols").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["demo", "Row", "size", "twice", "run_it"]);
    let found = client.request("workspace/symbol", json!({ "query": "prep" })).await;
    assert_eq!(found[0]["name"], "prepare");

    let tokens = client.request("textDocument/semanticTokens/full", document.clone()).await;
    assert!(tokens["data"].as_array().is_some_and(|data| data.len() % 5 == 0 && data.len() > 200));
    let id = tokens["resultId"].clone();
    let params = json!({ "textDocument": { "uri": uri }, "previousResultId": id });
    let delta = client.request("textDocument/semanticTokens/full/delta", params).await;
    assert_eq!(delta["edits"], json!([]));
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 3, "character": 0 } });
    let part = client
        .request("textDocument/semanticTokens/range", json!({ "textDocument": { "uri": uri }, "range": range }))
        .await;
    assert!(part["data"].as_array().is_some_and(|data| !data.is_empty() && data.len() < 100));

    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": whole });
    let hints = client.request("textDocument/inlayHint", params).await;
    assert!(hints.as_array().is_some_and(|hints| hints.iter().any(|hint| hint["label"] == ": int")), "{hints}");

    let folds = client.request("textDocument/foldingRange", document.clone()).await;
    assert!(folds.as_array().is_some_and(|folds| folds.len() >= 3), "{folds}");
    let params = json!({ "textDocument": { "uri": uri }, "positions": [client.place(text, "twice(size)", 7)] });
    let selection = client.request("textDocument/selectionRange", params).await;
    assert_eq!(selection[0]["range"]["start"], client.place(text, "twice(size)", 6));
    let lenses = client.request("textDocument/codeLens", document.clone()).await;
    let titles: Vec<&str> =
        lenses.as_array().expect("lenses").iter().filter_map(|lens| lens["command"]["title"].as_str()).collect();
    assert!(titles.contains(&"used by again"), "{titles:?}");
    assert!(titles.iter().any(|title| title.starts_with("engine: pipeline")), "{titles:?}");
    let links = client.request("textDocument/documentLink", document.clone()).await;
    assert_eq!(links, json!([]));

    let items =
        client.request("textDocument/prepareCallHierarchy", client.at(uri, text, "transform prepare", 12)).await;
    assert_eq!(items[0]["name"], "prepare");
    let calls = client.request("callHierarchy/incomingCalls", json!({ "item": items[0] })).await;
    assert_eq!(calls[0]["from"]["name"], "again");
    let calls = client.request("callHierarchy/outgoingCalls", json!({ "item": items[0] })).await;
    assert!(calls.as_array().is_some_and(|calls| calls.iter().any(|call| call["to"]["name"] == "raw")), "{calls}");

    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let edits =
        client.request("textDocument/formatting", json!({ "textDocument": { "uri": uri }, "options": options })).await;
    let formatted = client.apply(text, &edits);
    assert!(
        formatted.contains("    image    = sklearn(\"1.2-1\")") && formatted.contains("\r\n") == crlf,
        "{formatted}"
    );
    let params = json!({ "textDocument": { "uri": uri }, "options": options, "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 2, "character": 0 } } });
    let edits = client.request("textDocument/rangeFormatting", params).await;
    assert!(
        edits
            .as_array()
            .is_some_and(|edits| edits.iter().all(|edit| edit["range"]["start"]["line"].as_u64() <= Some(2))),
        "{edits}"
    );

    let pulled = client.request("textDocument/diagnostic", document.clone()).await;
    assert_eq!(pulled["kind"], "full");
    let params = json!({ "textDocument": { "uri": uri }, "previousResultId": pulled["resultId"] });
    assert_eq!(client.request("textDocument/diagnostic", params).await["kind"], "unchanged");
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] })).await;
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1), "{all}");

    let graph = client.request("mlflow/graph", document.clone()).await;
    let nodes: Vec<&str> =
        graph["nodes"].as_array().expect("nodes").iter().filter_map(|node| node["name"].as_str()).collect();
    assert_eq!(nodes, ["prepare", "again"]);
    assert_eq!(graph["edges"].as_array().map(Vec::len), Some(1));
    assert_eq!(graph["groups"][0]["engine"], "pipeline");
    let generated = client.request("mlflow/generated", document.clone()).await;
    let paths: Vec<&str> =
        generated["files"].as_array().expect("files").iter().filter_map(|file| file["path"].as_str()).collect();
    assert!(paths.contains(&"demo/run_it.pipeline.json"), "{paths:?}");
    let there = client.request("mlflow/goToGenerated", client.at(uri, text, "\"ml.m5", 1)).await;
    assert_eq!(there["path"], "demo/run_it.pipeline.json", "{there}");
    let params = json!({ "textDocument": { "uri": uri }, "path": there["path"], "position": there["range"]["start"] });
    let back = client.request("mlflow/goToSource", params).await;
    assert_eq!(back["range"]["start"]["line"], client.place(text, "\"ml.m5", 0)["line"], "{back}");

    // A mistake, and its fix.
    let start = client.place(text, "\"ml.m5.xlarge\"", 1);
    let end = client.place(text, "\"ml.m5.xlarge\"", 13);
    client.change(uri, 2, json!([{ "range": { "start": start, "end": end }, "text": "ml.m5.xlarg" }])).await;
    let published = client.notified("textDocument/publishDiagnostics", |params| params["version"] == 2).await;
    let found = &published["diagnostics"][0];
    assert_eq!(found["range"]["start"]["line"], start["line"], "{published}");
    let page = client.request("mlflow/standardLibrary", json!({ "uri": found["codeDescription"]["href"] })).await;
    let code = found["code"].as_str().expect("a code");
    assert!(page["text"].as_str().is_some_and(|text| text.contains(code)), "{found}");
    let params =
        json!({ "textDocument": { "uri": uri }, "range": found["range"], "context": { "diagnostics": [found] } });
    let actions = client.request("textDocument/codeAction", params).await;
    let fix =
        actions.as_array().expect("actions").iter().find(|action| action["kind"] == "quickfix").expect("a fix").clone();
    let wrong = text.replacen("ml.m5.xlarge", "ml.m5.xlarg", 1);
    let mended = client.apply(&wrong, &fix["edit"]["changes"][uri.as_str()]);
    assert_eq!(mended, *text, "{fix}");
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_goes_through_all_files_of_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = "/// Shared.\nlet shared = 1\n";
    std::fs::write(folder.path().join("other.mlflow"), other).expect("it can be written");
    let main = "import { shared as mine } from \"./other.mlflow\"\nimport { shared } from \"./other.mlflow\"\n\nlet a = shared + mine\n";
    let url =
        |name: &str| tower_lsp::lsp_types::Url::from_file_path(folder.path().join(name)).expect("a path").to_string();
    let (main_uri, other_uri) = (url("main.mlflow"), url("other.mlflow"));
    let mut client = Client::start(false, Some(folder.path())).await;
    client.open(&main_uri, main).await;
    let mut params = client.at(&main_uri, main, "shared +", 2);
    params["newName"] = json!("common");
    let edit = client.request("textDocument/rename", params).await;
    assert_eq!(client.apply(other, &edit["changes"][&other_uri]), other.replace("let shared", "let common"));
    assert_eq!(client.apply(main, &edit["changes"][&main_uri]), main.replace("shared", "common"));
    // A file that moves takes its imports along.
    let files = json!({ "files": [{ "oldUri": other_uri, "newUri": url("lib/other.mlflow") }] });
    let edit = client.request("workspace/willRenameFiles", files).await;
    assert_eq!(client.apply(main, &edit["changes"][&main_uri]), main.replace("./other", "./lib/other"));
    // A change on the disk is seen when it is told.
    std::fs::write(folder.path().join("other.mlflow"), "let other = 1\n").expect("it can be written");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": other_uri, "type": 2 }] })).await;
    let published = client
        .notified("textDocument/publishDiagnostics", |params| {
            params["uri"] == json!(main_uri) && params["diagnostics"].as_array().is_some_and(|list| !list.is_empty())
        })
        .await;
    assert_eq!(published["diagnostics"][0]["code"], "E0205", "{published}");
}
