// Reads shapes from stdin as [{operation, status, body} | {schema, body}] and checks each against GitHub's OpenAPI description.
// Argument: the node_modules that hold @octokit/openapi and ajv. Exit 1 with every mismatch on stderr.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const packages = process.argv[2];
const { default: Ajv } = createRequire(join(packages, "any"))("ajv");
const api = JSON.parse(readFileSync(join(packages, "@octokit/openapi/generated/api.github.com.json"), "utf8"));
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

const operations = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(methods)) operations.set(operation.operationId, [path, method, operation]);
}
const pointer = (...parts) => "api#/" + parts.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");

function schemaOf({ operation, status, schema }) {
  if (schema) return pointer("components", "schemas", schema);
  const [path, method, described] = operations.get(operation) ?? [];
  const response = described?.responses[status];
  if (!response) return undefined;
  const at = response.$ref ? response.$ref.slice(2).split("/") : ["paths", path, method, "responses", String(status)];
  return pointer(...at, "content", "application/json", "schema");
}

let wrong = 0;
for (const shape of JSON.parse(readFileSync(0, "utf8"))) {
  const name = shape.schema ?? `${shape.operation} ${shape.status}`;
  const at = schemaOf(shape);
  const errors = at === undefined ? [{ instancePath: "", message: "is not described" }] : ajv.validate({ $ref: at }, shape.body) ? [] : ajv.errors;
  for (const error of errors) console.error(`${name}: ${error.instancePath} ${error.message}`);
  wrong += errors.length;
}
process.exit(wrong ? 1 : 0);
