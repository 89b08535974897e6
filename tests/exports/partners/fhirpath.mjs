// Evaluates expressions against responses in an engine of other people: JSON in, JSON out, on standard streams.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [engine, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(path.join(modules, "here.js")));
const rounds = JSON.parse(readFileSync(0, "utf8"));

const ENGINES = {
  "fhirpath.js": () => {
    const fhirpath = require("fhirpath");
    const model = require("fhirpath/fhir-context/r4");
    return (expression) => {
      const compiled = fhirpath.compile(expression, model);
      return (response) => compiled(response);
    };
  },
  medplum: () => {
    const { evalFhirPath, parseFhirPath } = require("@medplum/core");
    return (expression) => {
      const parsed = parseFhirPath(expression);
      return (response) => evalFhirPath(parsed, response);
    };
  },
};

const compile = ENGINES[engine]();
const found = rounds.map(({ expressions, responses }) =>
  expressions.map(compile).map((evaluate) => responses.map((response) => evaluate(response))),
);
process.stdout.write(JSON.stringify(found));
