/* global $, RED */
/** The editor of the nodes that call a tool: choose one from the live list, fill a form made from its schema. */
(() => {
  const NOT_SET = "none";

  /** JSON Schema as the form needs it: references to the same document are followed, a null beside a type is left out. */
  function resolve(schema, root, depth = 0) {
    if (!schema || typeof schema !== "object" || depth > 8) return {};
    if (typeof schema.$ref === "string" && schema.$ref.startsWith("#/")) {
      const parts = schema.$ref.slice(2).split("/");
      const target = parts.reduce((at, part) => at?.[part.replace(/~1/g, "/").replace(/~0/g, "~")], root);
      return { ...resolve(target, root, depth + 1), ...without(schema, "$ref") };
    }
    const choices = schema.anyOf || schema.oneOf;
    if (choices) {
      const real = choices.map((one) => resolve(one, root, depth + 1)).filter((one) => one.type !== "null");
      return real.length === 1 ? { ...real[0], ...without(schema, "anyOf", "oneOf") } : schema;
    }
    return schema;
  }

  const without = (object, ...keys) =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

  /** `[{name, type?, required, title, description, choices?}]`, required ones first. */
  function fieldsOf(inputSchema) {
    const required = new Set(inputSchema?.required || []);
    const fields = Object.entries(inputSchema?.properties || {}).map(([name, property]) => {
      const schema = resolve(property, inputSchema);
      const types = [schema.type].flat().filter((type) => type && type !== "null");
      const choices = schema.const === undefined ? schema.enum : [schema.const];
      const guessed = choices?.length ? typeof choices[0] : undefined;
      return {
        name,
        type: types.length === 1 ? types[0] : guessed,
        required: required.has(name),
        title: schema.title || name,
        description: describe(schema),
        choices: choices?.filter((one) => one !== null),
      };
    });
    return fields.sort((a, b) => Number(b.required) - Number(a.required));
  }

  function describe(schema) {
    const bounds = [
      schema.minimum === undefined ? "" : `≥ ${schema.minimum}`,
      schema.maximum === undefined ? "" : `≤ ${schema.maximum}`,
      schema.format || "",
      schema.default === undefined ? "" : RED.osf.word("tool.default", { value: JSON.stringify(schema.default) }),
      schema.type === "object" && schema.properties ? `{ ${Object.keys(schema.properties).join(", ")} }` : "",
    ];
    return [schema.description, ...bounds].filter(Boolean).join(" · ");
  }

  /** Typed input types for one field; what is optional can also be left out. */
  function typesOf({ type, required, choices }) {
    const own = { number: "num", integer: "num", boolean: "bool", object: "json", array: "json", string: "str" }[type];
    const literal = own ? [own] : ["str", "num", "bool", "json"];
    const chosen =
      choices && (own === "str" || own === "num")
        ? [
            {
              value: own,
              label: RED.osf.word("tool.choice"),
              options: choices.map((one) => ({ value: String(one), label: String(one) })),
            },
          ]
        : literal;
    const nothing = { value: NOT_SET, label: RED.osf.word("tool.notSet"), hasValue: false };
    return [...(required ? [] : [nothing]), ...chosen, ...RED.osf.FROM];
  }

  /** Builds the fields below `container`; `args` are the values there are. Returns `{args(), shape}`. */
  function fields(container, rows, args) {
    container.empty();
    if (rows.length === 0) container.append($("<div>", { class: "osf-hint" }).text(RED.osf.word("tool.noArguments")));
    const inputs = rows.map((field) => {
      const id = `osf-arg-${field.name}`;
      const saved = (args || []).find(({ name }) => name === field.name);
      const types = typesOf(field);
      const first = types[0].value || types[0];
      const label = $("<label>", { for: id, title: field.name }).text(field.title + (field.required ? " *" : ""));
      const input = $("<input>", { type: "text", id, "aria-describedby": `${id}-hint` });
      const hint = $("<div>", { class: "osf-hint", id: `${id}-hint` }).text(field.description || "");
      container.append(
        $("<div>", { class: "form-row osf-arg" }).append(label, input),
        hint.toggle(Boolean(field.description)),
      );
      input.typedInput({ types, default: saved?.type || first });
      input.typedInput("type", saved?.type || first);
      input.typedInput("value", saved?.value ?? (first === "json" ? (field.type === "array" ? "[]" : "{}") : ""));
      return { name: field.name, input };
    });
    return {
      args: () =>
        inputs
          .map(({ name, input }) => ({ name, value: input.typedInput("value"), type: input.typedInput("type") }))
          .filter(({ type }) => type !== NOT_SET),
      shape: rows.map(({ name, type, required }) => ({
        name,
        ...(type ? { type } : {}),
        ...(required ? { required } : {}),
      })),
    };
  }

  /**
   * Runs the dialog of one node. `server`: the only one, undefined: any. Returns `{save()}`, which writes `tool`, `args`
   * and `shape` into the node.
   */
  function open(node, server) {
    const select = $("#osf-tool-select");
    const state = $("#osf-tool-state");
    const form = $("#osf-tool-form");
    const description = $("#osf-tool-description");
    const badge = $("#osf-tool-class");
    let tools = [];
    let current = fields(form, savedFields(), node.args);

    function savedFields() {
      return (node.shape || []).map((one) => ({ ...one, title: one.name }));
    }
    const full = (name) =>
      name && !name.includes(".") && (server || node.server) ? `${server || node.server}.${name}` : name;

    function draw() {
      select.empty().append($("<option>").val("").text(RED.osf.word("tool.choose")));
      const groups = [...new Set(tools.map((tool) => tool.server))].sort();
      for (const name of groups) {
        const group = $("<optgroup>", { label: name }).appendTo(select);
        for (const tool of tools.filter((one) => one.server === name))
          $("<option>")
            .val(tool.name)
            .text(tool.title ? `${tool.title} (${tool.name})` : tool.name)
            .appendTo(group);
      }
      const wanted = full(node.tool);
      if (wanted && !tools.some((tool) => tool.name === wanted))
        $("<option>")
          .val(wanted)
          .text(RED.osf.word("tool.gone", { tool: wanted }))
          .appendTo(select);
      select.val(wanted || "");
    }

    function choose() {
      const tool = tools.find((one) => one.name === select.val());
      description.text(tool?.description || "");
      badge
        .text(tool ? RED.osf.word(`tool.class.${tool.class}`) : "")
        .attr("class", tool ? `osf-class osf-class-${tool.class}` : "");
      const isSaved = select.val() === full(node.tool);
      const kept = isSaved && current ? current.args() : node.args;
      if (tool) current = fields(form, fieldsOf(tool.inputSchema), isSaved ? kept : []);
      else if (!isSaved) current = fields(form, [], []);
    }

    function load() {
      state.text(RED.osf.word("tool.loading")).removeClass("osf-error");
      $.getJSON("osf/tools", server ? { server } : {})
        .done((rows) => {
          tools = rows;
          state.text(rows.length ? "" : RED.osf.word("tool.none"));
          draw();
          choose();
        })
        .fail((request) => {
          const reason = request.responseJSON?.message || request.statusText;
          state.text(RED.osf.word("tool.failed", { reason })).addClass("osf-error");
        });
    }

    draw();
    select.on("change", choose);
    $("#osf-tool-reload").on("click", (event) => {
      event.preventDefault();
      load();
    });
    load();

    return {
      save() {
        node.tool = select.val();
        node.args = current.args();
        node.shape = current.shape;
      },
    };
  }

  /** What is wrong with the saved arguments, for the node's validator. */
  function problems(node) {
    const args = node.args || [];
    const wrong = args.flatMap(({ name, value, type }) => {
      const problem = RED.utils.validateTypedProperty(value, type, { label: name });
      return problem === true ? [] : [problem];
    });
    const isSet = ({ value, type }) => value !== "" || RED.osf.FROM.includes(type);
    const missing = (node.shape || []).filter(
      ({ name, required }) => required && !args.some((one) => one.name === name && isSet(one)),
    );
    return [...wrong, ...missing.map(({ name }) => RED.osf.word("tool.missing", { name }))];
  }

  RED.osf = Object.assign(RED.osf || {}, { toolForm: { fieldsOf, open, problems } });
})();
