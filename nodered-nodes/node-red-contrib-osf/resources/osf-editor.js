/* global $, RED */
/**
 * What the editors of the OSF nodes share, as `RED.osf`. Loaded by the plugin osf-common, and so before the nodes.
 */
(() => {
  const word = (key, values) => RED._(`node-red-contrib-osf/osf-common:${key}`, values);

  /** What Node-RED's validators return: true, or why not (older callers: false). */
  const verdict = (problem, opt) => {
    if (!problem) return true;
    if (!opt) return false;
    return opt.label ? `${opt.label}: ${problem}` : problem;
  };
  const isEnv = (value) => /^\$\{[^}]+\}$/.test(value);
  const isBlank = (value) => value === undefined || value === null || String(value).trim() === "";

  const validators = {
    number({ min, max, integer = false, blank = true }) {
      return (value, opt) => {
        if (isBlank(value)) return verdict(blank ? "" : word("invalid.missing"), opt);
        if (isEnv(value)) return true;
        const number = Number(value);
        const fits = number >= min && number <= max && (!integer || Number.isInteger(number));
        return verdict(fits ? "" : word(integer ? "invalid.integer" : "invalid.number", { min, max }), opt);
      };
    },
    filled: (value, opt) => verdict(isBlank(value) ? word("invalid.missing") : "", opt),
    /** Rows of a list: `problem(row)` says what is wrong with one, or nothing. */
    rows({ least = 0, problem = () => "" }) {
      return (rows, opt) => {
        if ((rows || []).length < least) return verdict(word("invalid.rows", { least }), opt);
        const problems = (rows || []).flatMap((row, index) => {
          const text = problem(row, index, rows);
          return text && text !== true ? [word("invalid.row", { row: index + 1, problem: text })] : [];
        });
        return problems.length === 0 || (opt ? problems : false);
      };
    },
    typed: (value, type, opt) => RED.utils.validateTypedProperty(value, type, opt),
  };

  /** One input of a row. Resolves to `{element, read}`; `read` gives the properties that it edits. */
  function cell(column, values, changed) {
    const { kind, key, title, options, typeKey, types } = column;
    const value = values[key];
    if (kind === "select") {
      const select = $("<select>", { "aria-label": title, title });
      for (const [one, label] of options) $("<option>").val(one).text(label).appendTo(select);
      select.val(isBlank(value) ? options[0][0] : value).on("change", changed);
      return { element: select, read: () => ({ [key]: select.val() }) };
    }
    if (kind === "check") {
      const box = $("<input>", { type: "checkbox" }).prop("checked", Boolean(value));
      return {
        element: $("<label>", { class: "osf-check", title }).append(box, $("<span>").text(title)),
        read: () => ({ [key]: box.prop("checked") }),
      };
    }
    const input = $("<input>", { type: "text", placeholder: title, "aria-label": title, title }).val(value ?? "");
    if (kind !== "typed") return { element: input, read: () => ({ [key]: input.val().trim() }) };
    return {
      element: $("<div>", { class: "osf-typed" }).append(input),
      start() {
        input.typedInput({ types, default: values[typeKey] || types[0].value || types[0] });
        input.typedInput("type", values[typeKey] || types[0].value || types[0]);
        input.typedInput("value", value ?? "");
        input.typedInput("width", "100%");
      },
      read: () => ({ [key]: input.typedInput("value"), [typeKey]: input.typedInput("type") }),
    };
  }

  /**
   * A list of rows with the same columns: `{kind: text|select|check|typed, key, title, width?, shown?(row)}`. `outputs`:
   * each row is an output of the node, and its wires move with it. Returns `{rows(), countOutputs()}`.
   */
  function list(selector, { columns, rows, blank = {}, outputs = false, height = 120 }) {
    const container = $(selector);
    let made = 0;
    const readRow = (data) => Object.assign({}, ...data.cells.map(({ read }) => read()));
    const items = () => container.editableList("items").toArray();
    const removed = {};

    const mapOutputs = () => {
      if (!outputs) return;
      const map = { ...removed };
      for (const [index, item] of items().entries()) map[$(item).data("data").origin] = index;
      $("#node-input-outputs").val(JSON.stringify(map));
    };

    container.css("min-height", `${height}px`).editableList({
      sortable: true,
      removable: true,
      addItem(row, _index, data) {
        const values = data.values || { ...blank };
        data.origin = data.origin ?? `new-${++made}`;
        const update = () => {
          const now = readRow(data);
          for (const [at, { shown }] of columns.entries())
            if (shown) data.cells[at].element.toggle(Boolean(shown(now)));
        };
        data.cells = columns.map((column) => cell(column, values, update));
        row.addClass("osf-row");
        for (const [at, { element, start }] of data.cells.entries()) {
          row.append(element);
          if (columns[at].width) element.css("flex", `0 0 ${columns[at].width}px`);
          start?.();
        }
        update();
        setTimeout(mapOutputs); // the list knows the row only after this call
      },
      removeItem(data) {
        if (!String(data.origin).startsWith("new-")) removed[data.origin] = -1;
        mapOutputs();
      },
      sortItems: mapOutputs,
    });
    for (const [origin, values] of (rows || []).entries()) container.editableList("addItem", { values, origin });
    return { rows: () => items().map((item) => readRow($(item).data("data"))), countOutputs: mapOutputs };
  }

  /** A text editor on the hidden input of a property. */
  function code(node, property, mode) {
    const input = $(`#node-input-${property}`);
    const editor = RED.editor.createEditor({
      id: `node-input-${property}-editor`,
      mode,
      stateId: RED.editor.generateViewStateId("node", node, property),
      value: input.val(),
    });
    return {
      save() {
        input.val(editor.getValue());
        editor.destroy();
      },
      cancel: () => editor.destroy(),
      /** Takes what the dialog's other rows leave, at least 150 px. */
      resize(size) {
        const row = $(`#node-input-${property}-editor`).closest(".form-row");
        const others = $("#dialog-form > div:visible").not(row).toArray();
        const used = others.reduce((sum, one) => sum + $(one).outerHeight(true), 0);
        $(`#node-input-${property}-editor`).height(Math.max(150, size.height - used - 60));
        editor.resize();
      },
    };
  }

  /** A typed input on `#node-input-<property>` with its type in `#node-input-<property>Type`. */
  function typed(property, types) {
    $(`#node-input-${property}`).typedInput({ types, typeField: $(`#node-input-${property}Type`) });
  }

  /** Shows the rows `.osf-when-<property>` whose `data-value` is the property's value. */
  function sections(property) {
    const input = $(`#node-input-${property}`);
    const show = () => {
      $(`.osf-when-${property}`).each((_index, row) => $(row).toggle($(row).attr("data-value") === input.val()));
      RED.tray.resize();
    };
    input.on("change", show);
    show();
  }

  /** Values for typed inputs that are read from the message or from contexts. */
  const FROM = ["msg", "flow", "global", "env", "jsonata"];

  const CATEGORY = "OSF";
  /** One family of petrol, from thinking to acting. */
  const COLORS = { logic: "#a3d5ce", model: "#86c8bf", system: "#69b6ab", person: "#58a79c" };

  // Scripts of a plugin run as they arrive, in no certain order.
  RED.osf = Object.assign(RED.osf || {}, { CATEGORY, COLORS, FROM, code, list, sections, typed, validators, word });
})();
