"""The figures of FHIR are noted here too: whoever sends to a clinic's server is killed."""

from tests.exports.conftest import reached as reached
