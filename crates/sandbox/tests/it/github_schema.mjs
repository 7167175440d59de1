// Reads shapes from stdin as [{operation, status, body} | {schema, body} | {webhook, headers, body}] and checks each against GitHub's
// own OpenAPI description. Argument: the node_modules that hold @octokit/openapi, @octokit/openapi-webhooks and ajv.
// Exit 1 with every mismatch on stderr.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const packages = process.argv[2];
const { default: Ajv } = createRequire(join(packages, "any"))("ajv");
const described = (name) => JSON.parse(readFileSync(join(packages, name, "generated/api.github.com.json"), "utf8"));
const api = described("@octokit/openapi");
const hooks = described("@octokit/openapi-webhooks");
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateSchema: false,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, uri: URL.canParse, "uri-template": /^https?:/, email: /@/, int64: true },
});
// OpenAPI 3.0 says `nullable` where JSON Schema has a type of null.
function nullables(node) {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map(nullables);
  const { nullable, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, nullables(value)]));
  if (nullable === true) return { anyOf: [rest, { type: "null" }] };
  return nullable === undefined ? rest : { ...rest, nullable };
}

ajv.addSchema({ paths: nullables(api.paths), components: nullables(api.components) }, "api");
ajv.addSchema({ webhooks: hooks.webhooks, components: hooks.components }, "hooks");

const operations = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(methods)) operations.set(operation.operationId, [path, method, operation]);
}
const pointer = (root, ...parts) =>
  `${root}#/` + parts.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
const json = ["content", "application/json", "schema"];

// Where the answer is described; `null` for one without a body, `undefined` for one that is not described.
function schemaOf({ operation, status, schema, webhook }) {
  if (schema) return pointer("api", "components", "schemas", schema);
  if (webhook) return hooks.webhooks[webhook] && pointer("hooks", "webhooks", webhook, "post", "requestBody", ...json);
  const [path, method, described] = operations.get(operation) ?? [];
  const response = described?.responses[status];
  if (!response) return undefined;
  const at = response.$ref ? response.$ref.slice(2).split("/") : ["paths", path, method, "responses", String(status)];
  const whole = at.reduce((node, part) => node[part], api);
  return whole.content ? pointer("api", ...at, ...json) : null;
}

function* mismatches(shape) {
  const at = schemaOf(shape);
  if (at === undefined) yield "is not described";
  else if (at === null && shape.body !== null) yield "has a body";
  else if (at !== null && !ajv.validate({ $ref: at }, shape.body)) yield* ajv.errors.map((error) => `${error.instancePath} ${error.message}`);
  for (const { name, required } of hooks.webhooks[shape.webhook]?.post.parameters ?? []) {
    if (required && !shape.headers.includes(name.toLowerCase())) yield `lacks the header ${name}`;
  }
}

let wrong = 0;
for (const shape of JSON.parse(readFileSync(0, "utf8"))) {
  for (const mismatch of mismatches(shape)) {
    console.error(`${shape.webhook ?? `${shape.operation} ${shape.status}`}: ${mismatch}`);
    wrong += 1;
  }
}
process.exit(wrong ? 1 : 0);
