import ServiceRuntime
import Templates

await ServiceProgram<TemplatesModule>.main()
