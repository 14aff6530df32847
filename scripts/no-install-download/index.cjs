// Ends the install script of onnxruntime-node, which would fetch CUDA libraries on Linux: only that script loads this package.

exports.bootstrap = () => process.exit(0)
