// Holds resources against R4 in a library of other people, codes of required value sets too: JSON in, what is wrong out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.join(process.argv[2], "here.js")));
const { Fhir } = require("fhir");

const fhir = new Fhir();
const wrong = (resource) =>
  fhir
    .validate(resource, { errorOnUnexpected: true })
    .messages.filter((message) => ["error", "fatal"].includes(message.severity))
    .map((message) => `${message.location}: ${message.message}`);
const inside = (resource) => (resource.entry ?? []).map((entry) => entry.resource);
const noZero = (key, value) => (key.startsWith("answer") && value === 0 ? 1 : value); // it takes 0 for missing
const resources = JSON.parse(readFileSync(0, "utf8"), noZero).flatMap((each) => [each, ...inside(each)]);
process.stdout.write(JSON.stringify({ many: resources.length, wrong: resources.flatMap(wrong) }));
