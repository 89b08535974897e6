// Smart Forms, of other people, as one function: a Questionnaire and a response in, the items of what it exports out.
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { QueryClientProvider } from "@tanstack/react-query";
import {
  BaseRenderer,
  RendererThemeProvider,
  buildForm,
  destroyForm,
  getResponse,
  removeEmptyAnswersFromResponse,
  useRendererQueryClient,
} from "@aehrc/smart-forms-renderer";

const Form = () =>
  h(RendererThemeProvider, null, h(QueryClientProvider, { client: useRendererQueryClient() }, h(BaseRenderer)));
let root;

window.shown = async (asked, answered) => {
  root?.unmount();
  destroyForm();
  await buildForm({ questionnaire: asked, questionnaireResponse: answered });
  root = createRoot(document.getElementById("form"));
  root.render(h(Form));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return removeEmptyAnswersFromResponse(asked, getResponse()).item ?? [];
};
