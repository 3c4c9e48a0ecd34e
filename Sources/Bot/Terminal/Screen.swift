// Screen.swift — draws lines in place on a terminal; elsewhere says a line now and then.
import Foundation
import Glibc

/// One thread at a time.
public final class Screen {
    private let isTerminal: Bool
    private var isDrawn = false

    public init() { isTerminal = isatty(STDOUT_FILENO) == 1 }

    /// Whether `draw` repaints; if not, the caller prints progress lines instead.
    public var repaints: Bool { isTerminal }

    public func draw(_ lines: [String]) {
        guard isTerminal else { return }
        var size = winsize()
        let known = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0
        let rows = known ? Int(size.ws_row) - 1 : 40
        var text = isDrawn ? "\u{1B}[H" : "\u{1B}[?25l\u{1B}[2J\u{1B}[H"
        isDrawn = true
        for line in lines.prefix(rows) { text += line + "\u{1B}[K\n" }
        text += "\u{1B}[J"
        write(text)
    }

    /// Gives the terminal back: the cursor shows again, below what was drawn.
    public func end() {
        guard isTerminal, isDrawn else { return }
        write("\u{1B}[?25h\n")
    }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
