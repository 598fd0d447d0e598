// The server: ours, or a TensorFlow Serving that ?server= names.

const given = new URLSearchParams(location.search).get("server");
export const isRemote = given !== null && given !== "";
export const server = readServer();

function readServer() {
  if (!isRemote) return location.origin;
  try {
    const url = new URL(given);
    if (url.protocol === "http:" || url.protocol === "https:") return (url.origin + url.pathname).replace(/\/+$/, "");
  } catch { /* said below */ }
  return null;
}

export class ServerError extends Error {}

let onTime = () => {};
export function whenAnswered(callback) { onTime = callback; }

async function ask(path, body) {
  if (server === null) throw new ServerError(`?server= must look like http://host:8501; it is "${given}".`);
  const began = performance.now();
  let response, text;
  try {
    // A body of plain text: a browser then asks another server without asking first whether it may.
    response = await fetch(server + path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    text = await response.text();
  } catch {
    const hint = isRemote ? " If it runs, it must let this page in: tensorflow_model_server --enable_cors_support=true." : "";
    throw new ServerError(`${server} does not answer.${hint}`);
  }
  onTime(performance.now() - began);
  let content;
  try {
    content = JSON.parse(text.replace(/-?\b(NaN|Infinity)\b/g, "null"));
  } catch {
    content = {};
  }
  if (!response.ok) throw new ServerError(content.error || `${server}${path} answers ${response.status}.`);
  return content;
}

// Returns [{name, versions, labels, classes, condition_names, fps}]; null where a server cannot tell, as TensorFlow Serving cannot.
export async function listModels() {
  try {
    return (await ask("/v1/models")).models ?? null;
  } catch (error) {
    if (isRemote && server !== null && !error.message.includes("does not answer")) return null;
    throw error;
  }
}

const which = (version) => (version.startsWith("label:") ? `/labels/${encodeURIComponent(version.slice(6))}` : version ? `/versions/${version}` : "");

const path = (name, version) => `/v1/models/${encodeURIComponent(name)}${which(version)}`;

// Returns what a model takes and gives, as far as this page is concerned: `draws` images, `writes` text, `plots` points of two numbers, `plays` sounds, and `films` clips;
// `applier` is the signature that maps picture files to picture files, and `editor` one that moves samples along directions.
export async function describe(name, version) {
  const signatures = (await ask(`${path(name, version)}/metadata`)).metadata?.signature_def?.signature_def ?? {};
  const shape = (tensor) => (tensor?.tensor_shape?.dim ?? []).slice(1).map((each) => Number(each.size));
  const takes = (signature, input) => input in (signatures[signature]?.inputs ?? {});
  const gives = (signature, output) => output in (signatures[signature]?.outputs ?? {});
  // A signature may come twice, with seeds alone and with all that can be chosen: the one that takes more is asked.
  const names = Object.keys(signatures).sort((a, b) => size(signatures[b].inputs) - size(signatures[a].inputs));
  const isText = (signature, input) => signatures[signature]?.inputs?.[input]?.dtype === "DT_STRING";
  const sampling = (output) => names.find((each) => takes(each, "seeds") && !takes(each, "prompt") && !takes(each, "weights") && !takes(each, "frames") && !isText(each, "context") && gives(each, output));
  const seededBy = ["image_bytes", "images", "samples"].find(sampling);
  const seeded = sampling(seededBy);
  const writer = sampling("text") ?? sampling("token_ids");
  const writes = writer !== undefined;
  const moves = gives("serving_default", "images") && takes("serving_default", "latents");
  const draws = moves || (seeded !== undefined && seededBy !== "samples");
  const sampled = [seeded, "serving_default"].find((each) => gives(each, "samples") && (each === seeded || takes(each, "latents")));
  const sampleShape = shape(signatures[sampled]?.outputs.samples);
  const sounder = sampling("wav_bytes");
  const filmer = sampling("frame_bytes");
  const strings = (signature) => Object.entries(signatures[signature].inputs ?? {}).filter(([, each]) => each.dtype === "DT_STRING").map(([input]) => input);
  const isKnown = (input) => input === "image_bytes" || input === "mask_bytes" || input === "labels" || input === "strength";
  const applier = names.find((each) => strings(each).includes("image_bytes") && gives(each, "image_bytes") && Object.keys(signatures[each].inputs).every(isKnown));
  const editor = names.find((each) => takes(each, "seeds") && takes(each, "weights") && gives(each, "image_bytes"));
  const prompts = names.find((each) => isText(each, "prompt"));
  // Text that answers or continues other text: as text, or by tokens alone.
  const replier = names.find((each) => isText(each, "context"));
  const plots = !draws && !writes && String(sampleShape) === "2";
  // Further conditions: classes, such as speakers, or a number of codes.
  const isClass = (input, each) => each.dtype === "DT_INT32" && shape(each).length === 0 && input !== "labels";
  const isCodes = (input, each) => each.dtype === "DT_FLOAT" && shape(each).length === 1 && input !== "latents" && input !== "weights";
  const inputs = Object.assign({}, ...["serving_default", seeded, sounder, filmer, editor, writer, prompts, replier].map((each) => signatures[each]?.inputs));
  const told = Object.entries(inputs).filter((each) => isClass(...each) || isCodes(...each)).map(([input, each]) => ({ input, size: shape(each)[0] }));
  return {
    name,
    version,
    writes,
    draws,
    moves,
    plots,
    plays: sounder !== undefined,
    sounder,
    films: filmer !== undefined,
    filmer,
    which: which(version),
    told,
    seeded,
    seededBy,
    writer,
    sampled,
    sampleShape,
    applier,
    editor,
    directions: shape(signatures[editor]?.inputs.weights)[0],
    fills: takes(applier, "mask_bytes"),
    isAdjustable: takes(applier, "strength"),
    latentShape: shape(signatures.serving_default?.inputs?.latents),
    conditional: Object.values(signatures).some((each) => "labels" in (each.inputs ?? {})),
    channels: shape(signatures.serving_default?.outputs?.images).at(-1),
    takes,
    truncates: takes(seeded, "truncation") || takes(sounder, "truncation") || takes(filmer, "truncation") || (!seeded && (draws || plots)),
    prompts,
    replier,
    contextLength: shape(signatures[writer]?.inputs?.context)[0],
    outputs: (signature) => Object.keys(signatures[signature]?.outputs ?? {}),
  };
}

const size = (inputs) => Object.keys(inputs ?? {}).length;
const request = (signature, inputs) => ({ signature_name: signature, inputs });

// Runs a signature on columns; returns its outputs by name.
export async function predict(model, signature, inputs) {
  const { outputs } = await ask(`${path(model.name, model.version)}:predict`, request(signature, inputs));
  // A single output comes without its name.
  const names = model.outputs(signature);
  return names.length === 1 ? { [names[0]]: outputs } : outputs;
}

// In single quotes a shell takes everything but those as it is.
const quoted = (text) => (/^[\w:/.%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// Returns the address that runs a model, for a shell.
export const address = (model) => quoted(`${server}${path(model.name, model.version)}:predict`);

// Returns the command that does it without this page.
export function command(model, signature, inputs) {
  return `curl -d ${quoted(JSON.stringify(request(signature, inputs)))} ${address(model)}`;
}
