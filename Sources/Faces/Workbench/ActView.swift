import Web

/// One act of staff: a form with at most a few boxes and one button that has a key. Template: `workbench/act`.
struct ActView: PageView {
    struct Box: PageView {
        let id: String
        let name: String
        let label: String
        let isLines: Bool
        /// A box to tick: the act is done only by somebody who said that he means it.
        let isTick: Bool
        var value: String
        var options: [Option]
        let hasOptions: Bool
        var isTicked = false

        init(
            _ name: String,
            _ label: String,
            of act: String,
            isLines: Bool = true,
            isTick: Bool = false,
            value: String = "",
            options: [Option] = []
        ) {
            id = "\(act)-\(name)"
            self.name = name
            self.label = label
            self.isLines = isLines && options.isEmpty && !isTick
            self.isTick = isTick
            self.value = value
            self.options = options
            hasOptions = !options.isEmpty
        }
    }

    struct Option: PageView {
        let value: String
        let label: String
        var isChosen = false
    }

    let action: String
    let title: String
    let hint: String?
    /// Pressed with Alt; nil for an act that stands on the page more than once.
    private(set) var key: String?
    let style: String
    let version: String
    var boxes: [Box]
    /// A button alone, without boxes behind its title.
    private(set) var isPlain: Bool
    /// Shown with its boxes open: it was refused, and what was typed stands in it.
    var isOpen = false
    /// The words of a second button that does the act and goes on to the next case; nil where there is none.
    var onward: String?

    init(
        _ title: String,
        action: String,
        key: String,
        version: String,
        hint: String? = nil,
        style: String = "btn-outline-primary",
        boxes: [Box] = []
    ) {
        self.title = title
        self.action = action
        self.key = key.isEmpty ? nil : key
        self.hint = hint
        self.style = style
        self.version = version
        self.boxes = boxes
        isPlain = boxes.isEmpty
    }
}

extension ActView {
    /// A box that must be ticked before an act with public or legal effect is done. Its field is `confirm`.
    static func confirmation(of act: String, _ visit: Visit) -> Box {
        Box("confirm", visit.text("workbench.confirm"), of: act, isTick: true)
    }

    /// - Throws: `WebRefusal.badField` when the act was not confirmed.
    static func requireConfirmation(_ visit: Visit) throws(WebRefusal) {
        guard visit.form["confirm"] == "yes" else {
            throw .badField(name: visit.text("workbench.confirm"))
        }
    }

    /// Whether `visit` sent this act's form. A matter's version begins with the matter, of which a page may show several.
    func was(sentBy visit: Visit) -> Bool {
        func thing(_ version: String) -> Substring? {
            version.contains("/") ? version.split(separator: "/").first : nil
        }
        return action == visit.path && thing(version) == thing(visit.form["version"] ?? "")
    }

    /// The same act, asking for these.
    func with(_ boxes: [Box]) -> ActView {
        var act = self
        act.boxes = boxes
        act.isPlain = boxes.isEmpty
        return act
    }

    var withoutKey: ActView {
        var act = self
        act.key = nil
        return act
    }

    /// The same act, open, with what was typed for it.
    func refilled(from visit: Visit) -> ActView {
        var act = self
        act.isOpen = true
        act.boxes = boxes.map { box in
            var box = box
            let typed = visit.form[box.name] ?? ""
            if box.isTick { box.isTicked = typed == "yes" } else { box.value = typed }
            box.options = box.options.map { option in
                Option(value: option.value, label: option.label, isChosen: option.value == typed)
            }
            return box
        }
        return act
    }
}
