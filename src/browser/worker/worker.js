// A worker: is given the module, compiled, and then orders; see serve.js.
import { serve } from "./serve.js";

onmessage = async ({ data: module }) => {
  const order = await serve(module, (told) => postMessage(told));
  onmessage = ({ data }) => order(data);
  postMessage("ready");
};
