"""FHIR R4: rule sets as Questionnaire and PlanDefinition, and back; requests as Bundles (docs/fhir.md)."""
