function berth_run(link, ~)
%BERTH_RUN Runs one command that the bridge sent, in the base workspace, and reports how it went.

    request = jsondecode(readline(link));
    report = struct("number", request.number, "stdout", "", "error", [], "figures", {{}});
    try
        report.stdout = evalc("evalin('base', request.code)");
    catch problem
        report.error = problem.message;
    end
    report.figures = save_figures();
    writeline(link, jsonencode(report));
end

function files = save_figures()
    files = {};
    for drawn = reshape(findall(groot, "Type", "figure"), 1, [])
        if isempty(drawn.Children) || isequal(getappdata(drawn, "berth_shown"), drawn.Children)
            continue
        end
        file = [tempname '.png'];
        exportgraphics(drawn, file, "Resolution", 96);
        setappdata(drawn, "berth_shown", drawn.Children);
        files{end + 1} = file; %#ok<AGROW>
    end
end
