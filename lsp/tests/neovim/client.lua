-- Drives the server from Neovim; ends with an error code at the first thing that is not as it should be.
local buffer = vim.api.nvim_get_current_buf()
local file = vim.api.nvim_buf_get_name(buffer)

local function check(condition, what)
  if not condition then
    io.stderr:write("not as it should be: " .. what .. "\n")
    vim.cmd("cquit 1")
  end
  io.stdout:write("ok: " .. what .. "\n")
end

local client = vim.lsp.start_client({
  name = "mlflow",
  cmd = { vim.env.MLFLOW_LSP },
  root_dir = vim.fn.fnamemodify(file, ":h"),
  workspace_folders = { { uri = vim.uri_from_fname(vim.fn.fnamemodify(file, ":h")), name = "test" } },
})
check(client, "the server starts")
vim.lsp.buf_attach_client(buffer, client)

local function request(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(buffer, method, params, 20000) or {}) do
    check(not answer.error, method .. " has no error")
    return answer.result
  end
end

local function at(words, more)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local start = line:find(words, 1, true)
    if start then
      vim.api.nvim_win_set_cursor(0, { number, start - 1 + (more or 0) })
      return vim.lsp.util.make_position_params()
    end
  end
end

vim.wait(20000, function() return #vim.diagnostic.get(buffer) > 0 end, 20)
local found = vim.diagnostic.get(buffer)
check(#found == 1 and found[1].lnum == 7, "the misspelt instance type is reported")

local items = request("textDocument/completion", at('"ml.m5', 1))
items = items.items or items
local has = false
for _, item in ipairs(items) do
  has = has or item.label == "ml.m5.xlarge"
end
check(has, "instance types are offered")

local hover = request("textDocument/hover", at("processing", 2))
check(hover.contents.value:find("kind processing", 1, true), "a kind is explained")

-- The mistake goes away with an edit that Neovim sends as a change of a line.
vim.api.nvim_buf_set_lines(buffer, 7, 8, false, { '    instance = "ml.m5.xlarge"' })
vim.wait(20000, function() return #vim.diagnostic.get(buffer) == 0 end, 20)
check(#vim.diagnostic.get(buffer) == 0, "the report goes away with the mistake")

local rename = at("shared}", 1)
rename.newName = "common"
local edit = request("textDocument/rename", rename)
vim.lsp.util.apply_workspace_edit(edit, "utf-16")
local lines = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
check(lines:find("import { common }", 1, true) and lines:find("𝄞 ${common}", 1, true), "a renaming changes this file")
local other = vim.fn.bufnr(vim.fn.fnamemodify(file, ":h") .. "/other.mlflow")
check(other > 0, "a renaming opens the other file")
check(vim.api.nvim_buf_get_lines(other, 0, 1, false)[1] == "let common = 2", "a renaming changes the other file")
vim.cmd("qall!")
