import Foundation

/// Lets other threads run; the writer's own thread is the one that waits.
func pauseThread() { Thread.sleep(forTimeInterval: 0.001) }
