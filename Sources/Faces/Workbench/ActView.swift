import Web

/// One act of staff: a form with at most a few boxes and one button that has a key. Template: `workbench/act`.
struct ActView: PageView {
    struct Box: PageView {
        let id: String
        let name: String
        let label: String
        let isLines: Bool
        let value: String
        let options: [Option]
        let hasOptions: Bool

        init(
            _ name: String,
            _ label: String,
            of act: String,
            isLines: Bool = true,
            value: String = "",
            options: [Option] = []
        ) {
            id = "\(act)-\(name)"
            self.name = name
            self.label = label
            self.isLines = isLines && options.isEmpty
            self.value = value
            self.options = options
            hasOptions = !options.isEmpty
        }
    }

    struct Option: PageView {
        let value: String
        let label: String
    }

    let action: String
    let title: String
    let hint: String?
    /// Pressed with Alt; nil for an act that stands on the page more than once.
    let key: String?
    let style: String
    let version: String
    let boxes: [Box]
    /// Open at once, or behind its title.
    let isPlain: Bool

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
