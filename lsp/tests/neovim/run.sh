#!/usr/bin/env bash
# A headless Neovim gets diagnostics, completion, hover and a renaming from the server. Needs `nvim` 0.7 or newer.
set -euo pipefail
cd "$(dirname "$0")/../../.."
command -v nvim >/dev/null || { echo "nvim is not installed (Debian: apt-get install neovim)"; exit 2; }
cargo build --quiet -p mlflow-lsp --locked
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp lsp/tests/neovim/main.mlflow "$folder/"
cat > "$folder/other.mlflow" <<'END'
let shared = 2
END
MLFLOW_LSP="$PWD/target/debug/mlflow-lsp" timeout 60 nvim --headless -u NONE -i NONE "$folder/main.mlflow" -c "luafile lsp/tests/neovim/client.lua"
