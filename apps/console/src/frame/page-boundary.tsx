import { Component, type ReactNode } from 'react';
import { Button, Empty, Page } from '../ui/index.js';

interface BoundaryProps {
  title: string;
  children: ReactNode;
}

/** An error of one page does not take the frame with it. A page of an older build, whose files are gone, is loaded again. */
export class PageBoundary extends Component<BoundaryProps, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Page title={this.props.title}>
        <div role="alert">
          <Empty
            title="This page has failed."
            next={
              <>
                <p>{error.message}</p>
                <Button onClick={() => location.reload()}>Load the console again</Button>
              </>
            }
          />
        </div>
      </Page>
    );
  }
}
